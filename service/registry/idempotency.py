"""Idempotency keys: requests with the same key come one after the other, and are carried out once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.problems import InvalidInput, input_error
from service.registry.tables import IdempotencyRow


@dataclass(frozen=True)
class Idempotency:
    """A caller's key, and the digest of what was sent with it."""

    key: str
    fingerprint: str


def hold_key(session: Session, key: str) -> None:
    """Let nobody else work with this key until the transaction ends. On SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"idempotency:{key}"})


def find_made(session: Session, idempotency: Idempotency) -> IdempotencyRow | None:
    """What this very request made before, if it did. Raises InvalidInput where the key was another request's."""
    row = session.get(IdempotencyRow, idempotency.key)
    if row is not None and row.fingerprint != idempotency.fingerprint:
        raise InvalidInput(
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            errors=[input_error(["header", "Idempotency-Key"], "idempotency-key", "used for another request")],
        )
    return row


def remember(
    session: Session,
    idempotency: Idempotency,
    *,
    job: str | None = None,
    version_id: int | None = None,
    dataset: str | None = None,
) -> None:
    """Keep what the key made."""
    row = IdempotencyRow(**vars(idempotency), created_at=datetime.now(UTC))
    row.job, row.version_id, row.dataset = job, version_id, dataset
    session.add(row)
    session.flush()
