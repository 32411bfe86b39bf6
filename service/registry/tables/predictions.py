"""Logged predictions, and the settings of each model's log and alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.registry.tables.base import Json, Row, RowId


class PredictionLogRow(Row):
    """The settings of a model's prediction log: how many predictions are logged, and how long they are kept."""

    __tablename__ = "prediction_logs"
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    sample: Mapped[float]
    keep_days: Mapped[float]
    keep_rows: Mapped[int]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger)


class LoggedPredictionRow(Row):
    """A row that was predicted: `inputs` in the order of the version's features, `outputs` as the network gave them.

    `label` is the true value, sent later, as `{"value": …}`, since SQLite would read a text of digits as a number;
    `labels` counts how often it was sent.
    """

    __tablename__ = "predictions"
    __table_args__ = (
        Index("predictions_by_time", "model_id", "at", "version"),
        Index("predictions_by_request", "model_id", "request", "row"),
    )
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    version: Mapped[int]
    at: Mapped[datetime]
    request: Mapped[str] = mapped_column(String(128))
    row: Mapped[int] = mapped_column(BigInteger)
    inputs: Mapped[list[Any]] = mapped_column(JSON)
    outputs: Mapped[list[float]] = mapped_column(JSON)
    label: Mapped[Json | None]
    labelled_at: Mapped[datetime | None]
    labels: Mapped[int] = mapped_column(default=0)


class AlertRow(Row):
    """The alert rules of a model's live predictions, and the states that the last check found."""

    __tablename__ = "alerts"
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    rules: Mapped[Json]
    states: Mapped[Json]
    checked_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger)
