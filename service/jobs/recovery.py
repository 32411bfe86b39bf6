"""Recovery of jobs whose worker is gone: they are queued again, or fail when that has happened too often."""

from __future__ import annotations

from datetime import datetime

import structlog

from service.problems import Problem, WorkerLost
from service.registry import Session
from service.registry.database import Database
from service.registry.dialects import moment
from service.registry.jobs import jobs, progress
from service.registry.jobs.jobs import Claim, ClaimLost
from service.registry.tables import JobRow

logger = structlog.get_logger()


def recover_worker(session: Session, worker: str, most_losses: int | None) -> list[str]:
    """Queue the jobs of a dead worker process again; with `most_losses` the loss counts against the job.

    Returns the jobs that are queued again.
    """
    rows = jobs.list_running(session, worker=worker)
    return [row.id for row in rows if _recover(session, row, most_losses)]


def recover_lost(database: Database, worker: str, most_losses: int | None) -> None:
    """Recover a dead worker's jobs in one transaction. If the database is away, the jobs' leases have to expire."""
    try:
        with database.write() as session:
            recover_worker(session, worker, most_losses)
    except Problem as problem:
        logger.error("a lost job waits for its lease to run out", why=problem.detail)


def recover_all(session: Session) -> list[str]:
    """Queue every running job again: their supervisor is gone, which is not the jobs' fault."""
    return [row.id for row in jobs.list_running(session) if _recover(session, row)]


def recover_expired(session: Session, now: datetime | None = None) -> list[str]:
    """Queue the jobs of workers again that were silent for the length of a lease: lost or frozen machines."""
    return [row.id for row in find_expired(session, now) if _recover(session, row)]


def find_expired(session: Session, now: datetime | None = None) -> list[JobRow]:
    """The running jobs whose lease has expired."""
    return jobs.list_running(session, expired_at=now or moment(session))


def _recover(session: Session, row: JobRow, most_losses: int | None = None) -> bool:
    """Whether the job is queued again. With `most_losses` the loss counts, unless a checkpoint was written."""
    claim = Claim(row.id, row.attempt)
    counts = most_losses is not None and not progress.has_checkpoint_of(session, claim)
    losses = row.losses + int(counts)
    try:
        if most_losses is None or losses < most_losses:
            jobs.requeue(session, claim, losses=losses)
            return True
        jobs.end(session, claim, "failed", error=_worker_lost(most_losses).document(), losses=losses)
    except ClaimLost:
        pass  # another process recovered it first, or the job ended after all
    return False


def _worker_lost(times: int) -> WorkerLost:
    return WorkerLost(
        f"The worker process died {times} times before it had written a checkpoint. "
        "The training may need more memory than a worker has: try a smaller network or batch size."
    )
