"""What SQLite and PostgreSQL spell differently: INSERT … ON CONFLICT DO NOTHING, the clock, advisory locks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.registry.tables import Row

PRUNING = 4_102_444_801  # any number that nobody else takes in this database


def insert_ignoring_conflict(session: Session, table: type[Row], **values: Any) -> bool:
    """Insert a row unless one with its keys is there. Returns whether it was inserted."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    return session.execute(statement.returning(*inspect(table).primary_key)).one_or_none() is not None


def moment(session: Session) -> datetime:
    """Now, by one clock for all machines: a clock that is wrong on one of them takes no job from the others."""
    if session.get_bind().dialect.name != "postgresql":
        return datetime.now(UTC)  # one machine
    told: datetime = session.scalars(select(func.clock_timestamp())).one()
    return told


def advisory_lock(session: Session, work: int) -> None:
    """Until the transaction ends, no other process does this work. On SQLite one process writes at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:work)"), {"work": work})
