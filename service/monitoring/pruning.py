"""How long logged predictions are kept: as each model's log says, and no longer than the log itself."""

from __future__ import annotations

from datetime import UTC, datetime

from service.registry.database import Database
from service.registry.monitoring import pruning

ROWS_A_TRANSACTION = 1_000


def prune_logs(database: Database, rows_a_transaction: int = ROWS_A_TRANSACTION) -> int:
    """Delete what the logs do not keep, a few rows a transaction, so that nobody waits long for the database meanwhile.

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
