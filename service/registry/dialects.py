"""What SQLite and PostgreSQL spell differently: INSERT … ON CONFLICT DO NOTHING, the clock, advisory locks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.registry.tables import Row

# The numbers of advisory locks: any, as long as nothing else in this database uses them.
MIGRATING, PRUNING = 4_102_444_800, 4_102_444_801


def insert_ignoring_conflict(session: Session, table: type[Row], **values: Any) -> bool:
    """Insert a row unless one with its keys is there. Returns whether it was inserted."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    return session.execute(statement.returning(*inspect(table).primary_key)).one_or_none() is not None


def moment(session: Session) -> datetime:
    """The time by one clock for all machines: a machine whose own clock is wrong takes no job from the others."""
    if session.get_bind().dialect.name != "postgresql":
        return datetime.now(UTC)  # one machine
    now: datetime = session.scalars(select(func.clock_timestamp())).one()
    return now


def advisory_lock(session: Session, work: int) -> None:
    """Keep other processes from this work until the transaction ends. SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:work)"), {"work": work})


def named_lock(session: Session, name: str) -> None:
    """Keep other processes from working under this name until the transaction ends, as `advisory_lock` does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
