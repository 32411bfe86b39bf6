"""What a training stores while it runs: its progress, its learning curve, its checkpoint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.registry.dialects import moment
from service.registry.jobs.events import emit
from service.registry.jobs.jobs import Claim, update_claimed
from service.registry.tables import CheckpointRow, JobCurveRow, JobRow

Points = list[dict[str, Any]]


def heartbeat(session: Session, claim: Claim, lease_seconds: float) -> str | None:
    """Extend the lease; returns the requested interruption, if any. Raises ClaimLost."""
    expires_at = moment(session) + timedelta(seconds=lease_seconds)
    return update_claimed(session, claim, lease_expires_at=expires_at).interruption


def find_interruption(session: Session, claim: Claim) -> str | None:
    """The requested interruption: "cancel", "keep best" or None; "lost" if the claim no longer holds."""
    query = select(JobRow.attempt, JobRow.state, JobRow.interruption).where(JobRow.id == claim.job)
    attempt, state, interruption = session.execute(query).one_or_none() or (None, None, None)
    if (attempt, state) != (claim.attempt, "running"):
        return "lost"
    return interruption


def write_progress(session: Session, claim: Claim, progress: dict[str, Any], points: Points) -> None:
    """Store how far the training is, with the points of the curve since the last call. Raises ClaimLost."""
    update_claimed(session, claim, progress=progress)
    add_points(session, claim.job, points)
    emit(session, claim.job, "progress", progress)


def write_checkpoint(session: Session, claim: Claim, epoch: int, content: bytes, points: Points) -> None:
    """Replace the job's checkpoint, in one transaction with the curve up to it. Raises ClaimLost."""
    update_claimed(session, claim)
    add_points(session, claim.job, points)
    now = moment(session)
    session.merge(CheckpointRow(job=claim.job, attempt=claim.attempt, epoch=epoch, content=content, created_at=now))


def write_environment(session: Session, claim: Claim, environment: dict[str, Any], warnings: Points) -> None:
    """Store where the job runs, and its warnings. Raises ClaimLost."""
    update_claimed(session, claim, environment=environment, warnings=warnings)


def find_checkpoint(session: Session, job: str) -> tuple[int, bytes] | None:
    """The epoch and the bytes of the job's newest checkpoint."""
    row = session.get(CheckpointRow, job)
    return None if row is None else (row.epoch, row.content)


def has_checkpoint_of(session: Session, claim: Claim) -> bool:
    """Whether this attempt has written a checkpoint."""
    query = select(CheckpointRow.attempt).where(CheckpointRow.job == claim.job)
    return session.scalar(query) == claim.attempt


def truncate_curve(session: Session, job: str, after_epoch: int) -> None:
    """Delete the epochs that a resumed training will repeat."""
    session.execute(delete(JobCurveRow).where(JobCurveRow.job == job, JobCurveRow.first_epoch > after_epoch))


def add_points(session: Session, job: str, points: Points) -> None:
    """Store a stretch of a job's learning curve."""
    if points:
        session.add(JobCurveRow(job=job, first_epoch=points[0]["epoch"], points=points))
