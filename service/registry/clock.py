"""The time by which leases are given and taken: the database's own where many machines share it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def moment(session: Session) -> datetime:
    """Now, by one clock for all machines: a clock that is wrong on one of them takes no job from the others."""
    if session.get_bind().dialect.name != "postgresql":
        return datetime.now(UTC)  # one machine
    told: datetime = session.scalars(select(func.clock_timestamp())).one()
    return told
