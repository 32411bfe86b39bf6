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
class Stretch:
    """Which rows of a model are looked at: of one version or of all, from a moment to another."""

    model_id: int
    since: datetime
    until: datetime
    version: int | None = None


@dataclass(frozen=True, slots=True)
class LiveRow:
    """What was predicted, and for what."""

    at: datetime
    inputs: list[Any]
    outputs: list[float]


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """What was predicted, and what was true."""

    version: int
    at: datetime
    outputs: list[float]
    label: Any


def add(session: Session, rows: Sequence[NewPrediction]) -> int:
    """Store rows, but none of a model whose log was deleted meanwhile; returns how many."""
    wanted = {row["model_id"] for row in rows}
    logged = set(session.scalars(select(PredictionLogRow.model_id).where(PredictionLogRow.model_id.in_(wanted))))
    kept = [row for row in rows if row["model_id"] in logged]
    if kept:
        session.execute(insert(LoggedPredictionRow), kept)
    return len(kept)


def list_newest(session: Session, stretch: Stretch, limit: int) -> list[LiveRow]:
    """The newest rows of a stretch, newest first."""
    row = LoggedPredictionRow
    wanted = select(row.at, row.inputs, row.outputs).where(*_within(stretch)).order_by(row.at.desc()).limit(limit)
    return [LiveRow(*found) for found in session.execute(wanted)]


def list_labelled(session: Session, stretch: Stretch, limit: int) -> list[LabelledRow]:
    """The newest rows of a stretch whose labels came, newest first."""
    row = LoggedPredictionRow
    wanted = select(row.version, row.at, row.outputs, row.label).where(*_within(stretch), row.labelled_at.is_not(None))
    newest = session.execute(wanted.order_by(row.at.desc()).limit(limit))
    return [LabelledRow(version, at, outputs, label["value"]) for version, at, outputs, label in newest if label]


def list_page(
    session: Session, model_id: int, version: int | None, limit: int, cursor: str | None
) -> tuple[list[LoggedPredictionRow], str | None]:
    wanted = select(LoggedPredictionRow).where(LoggedPredictionRow.model_id == model_id)
    if version is not None:
        wanted = wanted.where(LoggedPredictionRow.version == version)
    return page_of(session, wanted, LoggedPredictionRow.id, limit, cursor)


def count_by_version(session: Session, stretch: Stretch) -> dict[int, int]:
    """How many rows each version has in a stretch."""
    row = LoggedPredictionRow
    counted = select(row.version, func.count()).where(*_within(stretch)).group_by(row.version)
    return dict(session.execute(counted).all())


def set_label(row: LoggedPredictionRow, label: Any, moment: datetime) -> bool:
    """Note the truth about a row. Returns whether it replaces what was noted before."""
    replaces = row.labelled_at is not None
    row.label, row.labelled_at, row.labels = {"value": label}, moment, row.labels + 1
    return replaces


def find_of_requests(
    session: Session, model_id: int, requests: Sequence[str]
) -> dict[tuple[str, int], LoggedPredictionRow]:
    """The newest row of each request and row number. A request's id may be the caller's, and come twice."""
    found: dict[tuple[str, int], LoggedPredictionRow] = {}
    for start in range(0, len(requests), ROWS_A_STATEMENT):
        part = requests[start : start + ROWS_A_STATEMENT]
        wanted = select(LoggedPredictionRow).where(
            LoggedPredictionRow.model_id == model_id, LoggedPredictionRow.request.in_(part)
        )
        found |= {(row.request, row.row): row for row in session.scalars(wanted.order_by(LoggedPredictionRow.id))}
    return found


def _within(stretch: Stretch) -> list[Any]:
    row = LoggedPredictionRow
    parts = [row.model_id == stretch.model_id, row.at >= stretch.since, row.at < stretch.until]
    return [*parts, row.version == stretch.version] if stretch.version is not None else parts
