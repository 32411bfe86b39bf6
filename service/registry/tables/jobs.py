"""Jobs, and what they store while they run."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from service.registry.tables.base import Json, Row


class JobRow(Row):
    """One piece of background work. `attempt` is the fencing token: only the attempt that holds the job may write."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "jobs_to_claim",
            "state",
            text("priority DESC"),
            "id",
            "model",
            "not_before",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "jobs_running",
            "lease_expires_at",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index("jobs_by_model", "model", "id"),
        Index("jobs_by_state", "state", "id"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(63))
    state: Mapped[str] = mapped_column(String(10))
    attempt: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    priority: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    request: Mapped[Json]
    dataset: Mapped[str | None] = mapped_column(ForeignKey("datasets.id"))
    created_by: Mapped[str]
    progress: Mapped[Json | None]
    version: Mapped[int | None]
    result: Mapped[Json | None]
    warnings: Mapped[list[Json]]
    error: Mapped[Json | None]
    interruption: Mapped[str | None] = mapped_column(String(10))
    environment: Mapped[Json | None]
    worker: Mapped[str | None]
    lease_expires_at: Mapped[datetime | None]
    last_event: Mapped[int] = mapped_column(default=0)


class JobEventRow(Row):
    """An event for the listeners of a job, numbered per job without a gap."""

    __tablename__ = "job_events"
    job: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(20))
    data: Mapped[Json]


class JobCurveRow(Row):
    """A stretch of a job's learning curve, from `first_epoch` on: epochs finished since the stretch before it."""

    __tablename__ = "job_curves"
    job: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    first_epoch: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[list[Json]]


class CheckpointRow(Row):
    """The newest checkpoint of a running job, replaced in place and removed when the job ends."""

    __tablename__ = "checkpoints"
    job: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int]
    epoch: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class IdempotencyRow(Row):
    """What a request with an Idempotency-Key created, a job, a version or a dataset, so that it is carried out once."""

    __tablename__ = "idempotency_keys"
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    job: Mapped[str | None] = mapped_column(String(36))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    dataset: Mapped[str | None] = mapped_column(String(71))
    created_at: Mapped[datetime]
