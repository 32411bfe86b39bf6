"""The tables, as row classes. Columns that we filter by are columns; the rest of a resource is JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any]
# SQLite gives automatic row ids to INTEGER keys only.
RowId = BigInteger().with_variant(Integer, "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC with microseconds; SQLite has no zones, so they are put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Row(DeclarativeBase):
    type_annotation_map = {datetime: UtcTime(), Json: JSON(none_as_null=True), list[Json]: JSON(none_as_null=True)}  # noqa: RUF012


class ModelRow(Row):
    """A name with versions. A deleted model keeps its row, so that its numbers go on counting when it is made again."""

    __tablename__ = "models"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(63), unique=True)
    description: Mapped[str] = mapped_column(default="")
    tags: Mapped[Json] = mapped_column(default=dict)
    last_version: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class VersionRow(Row):
    """One trained network under a model's name. Only `tags`, `description`, `revision` and `deleted_at` may change."""

    __tablename__ = "versions"
    __table_args__ = (
        UniqueConstraint("model_id", "number"),
        Index("versions_by_dataset", "dataset"),
        Index("versions_by_time", "created_at"),
    )
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    number: Mapped[int]
    created_at: Mapped[datetime]
    task: Mapped[str] = mapped_column(String(20))
    signature: Mapped[Json]
    metrics: Mapped[Json]
    request: Mapped[Json | None]
    dataset: Mapped[str | None] = mapped_column(ForeignKey("datasets.id"))
    seed: Mapped[int | None] = mapped_column(BigInteger)
    job: Mapped[str | None] = mapped_column(String(36), unique=True)
    weights_sha256: Mapped[str] = mapped_column(String(64))
    weights_bytes: Mapped[int] = mapped_column(BigInteger)
    environment: Mapped[Json]
    warnings: Mapped[list[Json]]
    duration_seconds: Mapped[float | None]
    tags: Mapped[Json]
    description: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None]


class WeightsRow(Row):
    """The safetensors bytes of a version, in a table of their own so that no list query loads them."""

    __tablename__ = "weights"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class AliasRow(Row):
    """A movable name for a version of a model."""

    __tablename__ = "aliases"
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    version: Mapped[int]
    split: Mapped[Json | None]
    shadow: Mapped[int | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger)


class AliasMoveRow(Row):
    """Where an alias pointed from a moment on; `version` is null from its deletion on."""

    __tablename__ = "alias_moves"
    __table_args__ = (Index("alias_moves_by_alias", "model_id", "alias", "id"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    alias: Mapped[str] = mapped_column(String(63))
    version: Mapped[int | None]
    split: Mapped[Json | None]
    shadow: Mapped[int | None]
    moved_at: Mapped[datetime]
    moved_by: Mapped[str]


class DatasetRow(Row):
    """Bytes that came in, known by their digest. On SQLite the bytes are a file, else `DatasetPartRow`s."""

    __tablename__ = "datasets"
    id: Mapped[str] = mapped_column(String(71), primary_key=True)
    format: Mapped[str] = mapped_column(String(20))
    bytes: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int | None] = mapped_column(BigInteger)
    columns: Mapped[list[Json] | None]
    warnings: Mapped[list[Json] | None]
    error: Mapped[Json | None]
    name: Mapped[str | None] = mapped_column(String(63), unique=True)
    created_at: Mapped[datetime]


class DatasetPartRow(Row):
    """A piece of a dataset's bytes, where there is no file system that all processes share."""

    __tablename__ = "dataset_parts"
    dataset: Mapped[str] = mapped_column(String(71), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


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
    """What listeners of a job are told, numbered per job without a gap."""

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


class EventRow(Row):
    """Who did what and when: append-only, written in the transaction of the change itself."""

    __tablename__ = "events"
    __table_args__ = (Index("events_by_model", "model", "id"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(40))
    model: Mapped[str | None] = mapped_column(String(63))
    subject: Mapped[Json]


class IdempotencyRow(Row):
    """The answer that was given to an Idempotency-Key, so that the same request is carried out once."""

    __tablename__ = "idempotency_keys"
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    job: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime]
