"""The rows of prediction logs: written in batches, read by time, labelled later, deleted when they are old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from service.registry.cursors import page_of
from service.registry.tables import LoggedPredictionRow, PredictionLogRow

ROWS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class NewPrediction:
    """A row that was predicted, before it is stored."""

    model_id: int
    version: int
    at: datetime
    request: str
    row: int
    inputs: list[Any]
    outputs: list[float]


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """A row of the log, as those who judge it need it."""

    version: int
    at: datetime
    inputs: list[Any]
    outputs: list[float]
    label: Any


def add(session: Session, rows: Sequence[NewPrediction]) -> int:
    """Store rows, but none of a model whose log was deleted meanwhile; returns how many."""
    wanted = {row.model_id for row in rows}
    logged = set(session.scalars(select(PredictionLogRow.model_id).where(PredictionLogRow.model_id.in_(wanted))))
    kept = [asdict(row) for row in rows if row.model_id in logged]
    if kept:
        session.execute(insert(LoggedPredictionRow), kept)
    return len(kept)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which rows of a model are looked at: of one version or of all, from a moment to another."""

    model_id: int
    since: datetime
    until: datetime
    version: int | None = None


def list_newest(session: Session, stretch: Stretch, limit: int, *, labelled: bool = False) -> list[StoredPrediction]:
    """The newest rows of a stretch, newest first."""
    row = LoggedPredictionRow
    wanted = select(row.version, row.at, row.inputs, row.outputs, row.label).where(*_within(stretch))
    if labelled:
        wanted = wanted.where(row.labelled_at.is_not(None))
    return [StoredPrediction(*found) for found in session.execute(wanted.order_by(row.at.desc()).limit(limit))]


def list_page(
    session: Session, model_id: int, version: int | None, limit: int, cursor: str | None
) -> tuple[list[LoggedPredictionRow], str | None]:
    wanted = select(LoggedPredictionRow).where(LoggedPredictionRow.model_id == model_id)
    if version is not None:
        wanted = wanted.where(LoggedPredictionRow.version == version)
    return page_of(session, wanted, LoggedPredictionRow.id, limit, cursor)


def list_moments(session: Session, stretch: Stretch) -> Iterable[tuple[int, datetime]]:
    """Version and time of each row of a stretch."""
    row = LoggedPredictionRow
    return session.execute(select(row.version, row.at).where(*_within(stretch))).tuples()


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
