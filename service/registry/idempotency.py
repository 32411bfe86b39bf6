"""Idempotency keys: requests with the same key come one after the other."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def hold_key(session: Session, key: str) -> None:
    """Let nobody else work with this key until the transaction ends. On SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"idempotency:{key}"})
