"""Models, their versions and their aliases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.registry.tables.base import Json, Row, RowId


class ModelRow(Row):
    """A name with versions. A deleted model keeps its row, so that its numbers continue when it is created again."""

    __tablename__ = "models"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(63), unique=True)
    description: Mapped[str] = mapped_column(default="")
    tags: Mapped[Json] = mapped_column(default=dict)
    last_version: Mapped[int] = mapped_column(default=0)
    live_versions: Mapped[int] = mapped_column(default=0, server_default="0")
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class VersionRow(Row):
    """One trained network under a model's name.

    Only `tags`, `description`, `notes`, `revision` and `deleted_at` may change.
    """

    __tablename__ = "versions"
    __table_args__ = (
        UniqueConstraint("model_id", "number"),
        Index("versions_by_dataset", "dataset"),
        Index("versions_by_time", "created_at"),
        Index(
            "live_versions_by_number",
            "model_id",
            "number",
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    number: Mapped[int]
    created_at: Mapped[datetime]
    task: Mapped[str] = mapped_column(String(20))
    signature: Mapped[Json]
    metrics: Mapped[Json]
    request: Mapped[Json | None]
    dataset: Mapped[str | None] = mapped_column(ForeignKey("datasets.id"))
    seed: Mapped[int | None] = mapped_column(BigInteger)
    job: Mapped[str | None] = mapped_column(String(36), unique=True)
    weights_sha256: Mapped[str] = mapped_column(String(64))
    weights_bytes: Mapped[int] = mapped_column(BigInteger)
    environment: Mapped[Json]
    warnings: Mapped[list[Json]]
    duration_seconds: Mapped[float | None]
    split: Mapped[Json | None]
    origin: Mapped[Json | None]
    tags: Mapped[Json]
    description: Mapped[str]
    notes: Mapped[str] = mapped_column(default="", server_default="", deferred=True)
    revision: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None]


class WeightsRow(Row):
    """The safetensors bytes of a version, in a table of their own so that no list query loads them.

    They go when the version is deleted; until then no statement can remove them.
    """

    __tablename__ = "weights"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class VersionCurveRow(Row):
    """A stretch of the learning curve of a version's training, which outlives its job."""

    __tablename__ = "version_curves"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    first_epoch: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[list[Json]]


class AliasRow(Row):
    """A movable name for a version of a model."""

    __tablename__ = "aliases"
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    version: Mapped[int]
    split: Mapped[Json | None]
    shadow: Mapped[int | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger)


class AliasMoveRow(Row):
    """Where an alias pointed from a moment on; `version` is null once it is deleted."""

    __tablename__ = "alias_moves"
    __table_args__ = (Index("alias_moves_by_alias", "model_id", "alias", "id"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    alias: Mapped[str] = mapped_column(String(63))
    version: Mapped[int | None]
    split: Mapped[Json | None]
    shadow: Mapped[int | None]
    moved_at: Mapped[datetime]
    moved_by: Mapped[str]


class RetentionRuleRow(Row):
    """Which versions of a model are kept, besides those that an alias points to."""

    __tablename__ = "retention_rules"
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    keep_last: Mapped[int]
    keep_days: Mapped[float | None]
    keep_rollbacks: Mapped[int]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger)
