"""The rows of prediction logs: written in batches, read by time, labelled later, deleted when they are old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from service.registry.pagination import page_of
from service.registry.tables import LoggedPredictionRow, PredictionLogRow

ROWS_A_STATEMENT = 500


class NewPrediction(TypedDict):
    """A row that was predicted, before it is stored. A dictionary, since there may be thousands a second."""

    model_id: int
    version: int
    at: datetime
    request: str
    row: int
    inputs: list[Any]
    outputs: list[float]


@dataclass(frozen=True, slots=True)
class LogWindow:
    """Rows of a model's prediction log: of one version or of all, from one moment to another."""

    model_id: int
    since: datetime
    until: datetime
    version: int | None = None


@dataclass(frozen=True, slots=True)
class LiveRow:
    """The inputs and outputs of a logged prediction."""

    at: datetime
    inputs: list[Any]
    outputs: list[float]


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """The outputs of a logged prediction, and its label."""

    version: int
    at: datetime
    outputs: list[float]
    label: Any


def add(session: Session, rows: Sequence[NewPrediction]) -> int:
    """Store rows, except those of a model whose log was deleted in the meantime; returns how many were stored."""
    model_ids = {row["model_id"] for row in rows}
    logged_ids = set(session.scalars(select(PredictionLogRow.model_id).where(PredictionLogRow.model_id.in_(model_ids))))
    storable = [row for row in rows if row["model_id"] in logged_ids]
    if storable:
        session.execute(insert(LoggedPredictionRow), storable)
    return len(storable)


def list_newest(session: Session, window: LogWindow, limit: int) -> list[LiveRow]:
    """The newest rows of a window, newest first."""
    row = LoggedPredictionRow
    query = select(row.at, row.inputs, row.outputs).where(*_conditions(window)).order_by(row.at.desc()).limit(limit)
    return [LiveRow(*fields) for fields in session.execute(query)]


def list_labelled(session: Session, window: LogWindow, limit: int) -> list[LabelledRow]:
    """The newest labelled rows of a window, newest first."""
    row = LoggedPredictionRow
    query = select(row.version, row.at, row.outputs, row.label).where(
        *_conditions(window), row.labelled_at.is_not(None)
    )
    newest = session.execute(query.order_by(row.at.desc()).limit(limit))
    return [LabelledRow(version, at, outputs, label["value"]) for version, at, outputs, label in newest if label]


def list_page(
    session: Session, model_id: int, version: int | None, limit: int, cursor: str | None
) -> tuple[list[LoggedPredictionRow], str | None]:
    query = select(LoggedPredictionRow).where(LoggedPredictionRow.model_id == model_id)
    if version is not None:
        query = query.where(LoggedPredictionRow.version == version)
    return page_of(session, query, LoggedPredictionRow.id, limit, cursor)


def count_by_version(session: Session, window: LogWindow) -> dict[int, int]:
    """How many rows each version has in a window."""
    row = LoggedPredictionRow
    counts = select(row.version, func.count()).where(*_conditions(window)).group_by(row.version)
    return dict(session.execute(counts).all())


def set_label(row: LoggedPredictionRow, label: Any, moment: datetime) -> bool:
    """Store the true label of a row. Returns whether it replaces an earlier one."""
    replaces = row.labelled_at is not None
    row.label, row.labelled_at, row.labels = {"value": label}, moment, row.labels + 1
    return replaces


def find_of_requests(
    session: Session, model_id: int, requests: Sequence[str]
) -> dict[tuple[str, int], LoggedPredictionRow]:
    """The newest row of each request and row number. A request's id may be the caller's, and come twice."""
    rows: dict[tuple[str, int], LoggedPredictionRow] = {}
    for start in range(0, len(requests), ROWS_A_STATEMENT):
        chunk = requests[start : start + ROWS_A_STATEMENT]
        query = select(LoggedPredictionRow).where(
            LoggedPredictionRow.model_id == model_id, LoggedPredictionRow.request.in_(chunk)
        )
        rows |= {(row.request, row.row): row for row in session.scalars(query.order_by(LoggedPredictionRow.id))}
    return rows


def _conditions(window: LogWindow) -> list[Any]:
    row = LoggedPredictionRow
    conditions = [row.model_id == window.model_id, row.at >= window.since, row.at < window.until]
    return [*conditions, row.version == window.version] if window.version is not None else conditions
