"""How long the log of deliveries is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.registry.database import Database
from service.registry.webhooks import pruning

KEEP = timedelta(days=30)
MOST_A_WEBHOOK = 10_000
ROWS_A_TRANSACTION = 1_000


def prune_deliveries(
    database: Database, keep: timedelta = KEEP, most: int = MOST_A_WEBHOOK, rows_a_transaction: int = ROWS_A_TRANSACTION
) -> int:
    """Delete what ended and is older, or more than is kept, a few rows a transaction; returns how many."""
    made_before = datetime.now(UTC) - keep
    with database.read() as session:
        everyone = pruning.list_all(session)
    return sum(_prune_one(database, webhook, made_before, most, rows_a_transaction) for webhook in everyone)


def _prune_one(database: Database, webhook: str, made_before: datetime, most: int, limit: int) -> int:
    total = 0
    while True:
        with database.write() as session:
            deleted = pruning.prune(session, webhook, made_before, most, limit)
        total += deleted
        if deleted < limit:
            return total
