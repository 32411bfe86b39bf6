"""Deletes jobs that ended long ago. Their versions stay, with the request and the record of how they were trained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.registry.dialects import PRUNING, advisory_lock
from service.registry.tables import IdempotencyRow, JobCurveRow, JobEventRow, JobRow
from service.schemas.job import TERMINAL


@dataclass(frozen=True)
class PruningStep:
    """What one transaction did: how many rows it deleted, and the key to continue after (None: there are no more)."""

    deleted: int
    next_after: str | None


def prune_keys(session: Session, finished_before: datetime, limit: int, after: str) -> PruningStep:
    """Check the next `limit` Idempotency-Keys: delete old ones that created no job, or one that is being deleted."""
    advisory_lock(session, PRUNING)
    query = select(IdempotencyRow.key, JobRow.state, JobRow.finished_at)
    query = query.outerjoin(JobRow, JobRow.id == IdempotencyRow.job)
    query = query.where(IdempotencyRow.key > after, IdempotencyRow.created_at < finished_before)
    rows = session.execute(query.order_by(IdempotencyRow.key).limit(limit)).all()
    old = [row.key for row in rows if row.state is None or _is_over(row.state, row.finished_at, finished_before)]
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.key.in_(old)))
    return PruningStep(len(old), rows[-1].key if len(rows) == limit else None)


def prune_jobs(session: Session, finished_before: datetime, limit: int, after: str) -> PruningStep:
    """Check the next `limit` jobs: delete those that ended before a moment, with their events and curves."""
    advisory_lock(session, PRUNING)
    query = select(JobRow.id, JobRow.state, JobRow.finished_at)
    query = query.where(JobRow.id > after, JobRow.id < _first_id_of(finished_before))
    rows = session.execute(query.order_by(JobRow.id).limit(limit)).all()
    old = [row.id for row in rows if _is_over(row.state, row.finished_at, finished_before)]
    session.execute(delete(JobEventRow).where(JobEventRow.job.in_(old)))
    session.execute(delete(JobCurveRow).where(JobCurveRow.job.in_(old)))
    session.execute(delete(JobRow).where(JobRow.id.in_(old)))
    return PruningStep(len(old), rows[-1].id if len(rows) == limit else None)


def _is_over(state: str, finished_at: datetime | None, before: datetime) -> bool:
    return state in TERMINAL and finished_at is not None and finished_at < before


def _first_id_of(moment: datetime) -> str:
    """A lower bound of the ids of later jobs, which begin with 48 bits of milliseconds (RFC 9562, section 5.7)."""
    digits = f"{int(moment.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"
