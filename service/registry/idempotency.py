"""Idempotency keys: requests with the same key come one after the other, and are carried out once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from service.problems import InvalidInput, input_error
from service.registry.dialects import named_lock
from service.registry.tables import IdempotencyRow


@dataclass(frozen=True)
class Idempotency:
    """A caller's key, and the digest of the request it came with."""

    key: str
    fingerprint: str


def hold_key(session: Session, key: str) -> None:
    """Keep others from working with this key until the transaction ends."""
    named_lock(session, f"idempotency:{key}")


def find_record(session: Session, idempotency: Idempotency) -> IdempotencyRow | None:
    """What this request created earlier, or None. Raises InvalidInput if the key belongs to another request."""
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
    """Record what the request with this key created."""
    row = IdempotencyRow(**vars(idempotency), created_at=datetime.now(UTC))
    row.job, row.version_id, row.dataset = job, version_id, dataset
    session.add(row)
    session.flush()
