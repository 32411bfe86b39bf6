"""Jobs: every change of state is one guarded UPDATE, and `attempt` keeps out attempts that have lost the job."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from service.problems import Conflict, NotFound
from service.registry.dialects import moment
from service.registry.jobs.events import emit
from service.registry.jobs.queue import IS_RUNNING, has_room, is_due
from service.registry.outbox import announce_end
from service.registry.pagination import page_of
from service.registry.tables import CheckpointRow, JobRow
from service.schemas.job import TERMINAL, Job, Progress, links_of
from service.schemas.strict import Page


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """A job before it is queued. `request` is the full specification, defaults filled in."""

    kind: str
    model: str
    request: dict[str, Any]
    dataset: str | None = None
    warnings: list[dict[str, Any]] = field(default_factory=list)
    priority: int = 0
    not_before: datetime | None = None
    created_by: str = "anonymous"


@dataclass(frozen=True)
class Claim:
    """The attempt that holds a job: no other may write to it."""

    job: str
    attempt: int


class ClaimLost(Exception):
    """Another attempt holds the job, or it has ended: this attempt may no longer write."""


def add(session: Session, new: NewJob) -> Job:
    """Queue a job."""
    row = JobRow(id=str(uuid_utils.uuid7()), state="queued", created_at=datetime.now(UTC), **vars(new))
    row.attempt, row.losses, row.last_event = 0, 0, 0
    session.add(row)
    session.flush()
    announce_state(session, row)
    return as_job(row)


def get_row(session: Session, job: str) -> JobRow:
    """Raises NotFound."""
    row = session.get(JobRow, job)
    if row is None:
        raise NotFound(f"There is no job `{job[:50]}`.")
    return row


def get_job(session: Session, job: str) -> Job:
    """Raises NotFound."""
    return as_job(get_row(session, job))


def list_jobs(
    session: Session, *, limit: int, cursor: str | None = None, state: str | None = None, model: str | None = None
) -> Page[Job]:
    query = select(JobRow)
    if state is not None:
        query = query.where(JobRow.state == state)
    if model is not None:
        query = query.where(JobRow.model == model)
    rows, next_cursor = page_of(session, query, JobRow.id, limit, cursor)
    return Page(items=[as_job(row, with_request=False) for row in rows], next_cursor=next_cursor)


def claim(
    session: Session, job: str, worker: str, lease_seconds: float, most_per_model: int | None = None
) -> JobRow | None:
    """Claim a queued job for a worker.

    Returns None if another worker was quicker, the job is not due yet, or its model has no room for another.
    """
    if most_per_model is not None and not has_room(session, job, most_per_model):
        return None
    now = moment(session)
    row: JobRow | None = session.scalars(
        update(JobRow)
        .where(JobRow.id == job, JobRow.state == "queued", is_due(now))
        .values(
            state="running",
            attempt=JobRow.attempt + 1,
            started_at=func.coalesce(JobRow.started_at, now),
            worker=worker,
            lease_expires_at=now + timedelta(seconds=lease_seconds),
        )
        .returning(JobRow)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is not None:
        announce_state(session, row)
    return row


def update_claimed(session: Session, claim: Claim, **values: Any) -> JobRow:
    """Change a running job, if this claim still holds it. Raises ClaimLost."""
    is_held = (JobRow.id == claim.job) & (JobRow.attempt == claim.attempt) & (JobRow.state == "running")
    statement = update(JobRow).where(is_held).values(attempt=claim.attempt, **values).returning(JobRow)
    row: JobRow | None = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise ClaimLost(claim.job)
    return row


def end(session: Session, claim: Claim, state: str, **values: Any) -> Job:
    """End a job, with its terminal state and everything that goes with it. Raises ClaimLost."""
    row = update_claimed(
        session, claim, state=state, finished_at=datetime.now(UTC), worker=None, lease_expires_at=None, **values
    )
    session.execute(delete(CheckpointRow).where(CheckpointRow.job == claim.job))
    announce_state(session, row)
    return as_job(row)


def requeue(session: Session, claim: Claim, **values: Any) -> Job:
    """Put a running job back into the queue, for another attempt. Raises ClaimLost."""
    row = update_claimed(session, claim, state="queued", worker=None, lease_expires_at=None, **values)
    announce_state(session, row)
    return as_job(row)


def list_running(session: Session, *, worker: str | None = None, expired_at: datetime | None = None) -> list[JobRow]:
    """Running jobs: all, those of one worker, or those whose lease had expired at a moment."""
    query = select(JobRow).where(IS_RUNNING)
    if worker is not None:
        query = query.where(JobRow.worker == worker)
    if expired_at is not None:
        query = query.where(JobRow.lease_expires_at < expired_at)
    return list(session.scalars(query))


def interrupt(session: Session, job: str, keep: str | None) -> Job:
    """Ask a job to end: at once when it is queued, within a second when it runs. Raises NotFound and Conflict."""
    row = get_row(session, job)
    session.refresh(row, with_for_update=True)
    if row.state in TERMINAL:
        raise Conflict(f"The job has already {'been cancelled' if row.state == 'cancelled' else row.state}.")
    if row.state == "queued":
        row.state, row.finished_at = "cancelled", datetime.now(UTC)
        session.execute(delete(CheckpointRow).where(CheckpointRow.job == job))
    row.interruption = "keep best" if keep == "best" else "cancel"
    session.flush()
    announce_state(session, row)
    return as_job(row)


def as_job(row: JobRow, *, with_request: bool = True) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        model=row.model,
        state=row.state,
        attempt=row.attempt,
        priority=row.priority,
        not_before=row.not_before,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        progress=None if row.progress is None else Progress.model_validate(row.progress),
        version=row.version,
        result=row.result,
        warnings=row.warnings,
        error=row.error,
        request=row.request if with_request else None,
        links=links_of(row.id, row.model, row.version),
    )


def announce_state(session: Session, row: JobRow) -> None:
    """Send a job's new state to its listeners, as the job without its request; webhooks get its end."""
    emit(session, row.id, "state", as_job(row, with_request=False).model_dump(mode="json"))
    if row.state in TERMINAL:
        announce_end(session, row)
