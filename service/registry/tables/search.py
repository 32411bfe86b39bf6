"""The search index. Each row repeats a metric or tag of a model's or version's own row, with an index."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.registry.tables.base import Row


class VersionMetricRow(Row):
    """One metric of one version, such as `validation_accuracy`."""

    __tablename__ = "version_metrics"
    __table_args__ = (Index("version_metrics_by_value", "model_id", "metric", "value", "number"),)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[float]


class ModelTagRow(Row):
    """One tag of one model."""

    __tablename__ = "model_tags"
    __table_args__ = (Index("model_tags_by_value", "tag", "value", "model_id"),)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class VersionTagRow(Row):
    """One tag of one version."""

    __tablename__ = "version_tags"
    __table_args__ = (Index("version_tags_by_value", "model_id", "tag", "value", "number"),)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
