"""Deletes logged predictions by each model's retention, and with the log itself."""

from __future__ import annotations

from datetime import UTC, datetime

from service.registry.database import Database
from service.registry.monitoring import pruning

ROWS_A_TRANSACTION = 1_000


def prune_logs(database: Database, rows_a_transaction: int = ROWS_A_TRANSACTION) -> int:
    """Delete expired rows, a few in each transaction, so that others do not wait long for the database.

    Returns how many rows were deleted.
    """
    now = datetime.now(UTC)
    with database.read() as session:
        logged = pruning.list_logged_models(session)
    return sum(_prune_one(database, model_id, now, rows_a_transaction) for model_id in logged)


def _prune_one(database: Database, model_id: int, now: datetime, limit: int) -> int:
    total = 0
    while True:
        with database.write() as session:
            deleted = pruning.prune(session, model_id, now, limit)
        total += deleted
        if deleted < limit:
            return total
