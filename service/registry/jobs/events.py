"""The events of a job, numbered per job without a gap, and which jobs have new ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from service.registry.tables import JobEventRow, JobRow
from service.schemas.job import JobEvent

# The channel on PostgreSQL that API processes listen to while a client follows a job.
JOBS_CHANNEL = "feedforward_jobs"


def emit(session: Session, job: str, event: str, data: dict[str, Any]) -> None:
    """Add an event to a job. The job's row hands out the number, so that events of one job are never out of order."""
    increment = update(JobRow).where(JobRow.id == job).values(last_event=JobRow.last_event + 1)
    number = session.scalar(increment.returning(JobRow.last_event), execution_options={"synchronize_session": False})
    session.add(JobEventRow(job=job, number=number, event=event, data=data))
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_notify(:channel, :job)"), {"channel": JOBS_CHANNEL, "job": job})


def list_events(session: Session, job: str, after: int, limit: int = 500) -> Sequence[JobEvent]:
    """The job's events after a number, oldest first."""
    query = select(JobEventRow).where(JobEventRow.job == job, JobEventRow.number > after)
    rows = session.scalars(query.order_by(JobEventRow.number).limit(limit))
    return [JobEvent(number=row.number, event=row.event, data=row.data) for row in rows]


def newest_events(session: Session, jobs: Collection[str]) -> dict[str, int]:
    """The number of the newest event of each job."""
    query = select(JobRow.id, JobRow.last_event).where(JobRow.id.in_(jobs))
    return {row.id: row.last_event for row in session.execute(query)}
