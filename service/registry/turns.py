"""Work that processes do one after the other."""

from sqlalchemy import text
from sqlalchemy.orm import Session

PRUNING = 4_102_444_801  # any number that nobody else takes in this database


def wait_for_turn(session: Session, work: int) -> None:
    """Until the transaction ends, no other process does this work. On SQLite one process writes at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:work)"), {"work": work})
