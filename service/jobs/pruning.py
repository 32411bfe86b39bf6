"""The hourly pruning: logged predictions and versions by their models' rules, and jobs that ended long ago.

Jobs are kept for ever, unless a setting or an operator limits how long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from service.problems import NotFound, Problem
from service.registry import Session
from service.registry.database import Database, delete_in_batches
from service.registry.dialects import moment
from service.registry.jobs import pruning
from service.registry.jobs.pruning import PruningStep
from service.registry.models import retention
from service.registry.monitoring import pruning as log_pruning

logger = structlog.get_logger()
ROWS_A_TRANSACTION = 500
LOG_ROWS_A_TRANSACTION = 1_000
SECONDS_BETWEEN_PRUNINGS = 3600

Prune = Callable[[Session, datetime, int, str], PruningStep]


def prune(database: Database, keep: timedelta, rows_a_transaction: int = ROWS_A_TRANSACTION) -> int:
    """Delete the jobs that ended longer ago than `keep`, a few in each transaction; returns how many.

    Their Idempotency-Keys go first, so that no key refers to a job that is gone.
    """
    with database.read() as session:
        finished_before = moment(session) - keep
    _prune_all(database, pruning.prune_keys, finished_before, rows_a_transaction)
    return _prune_all(database, pruning.prune_jobs, finished_before, rows_a_transaction)


def _prune_all(database: Database, prune_next: Prune, finished_before: datetime, limit: int) -> int:
    deleted = 0
    after: str | None = ""
    while after is not None:
        with database.write() as session:
            step = prune_next(session, finished_before, limit, after)
        deleted += step.deleted
        after = step.next_after
    return deleted


def prune_logs(database: Database, rows_a_transaction: int = LOG_ROWS_A_TRANSACTION) -> int:
    """Delete the logged predictions that their models' logs do not keep; returns how many."""
    now = datetime.now(UTC)
    with database.read() as session:
        model_ids = log_pruning.list_logged_models(session)
    prune_log = partial(log_pruning.prune, now=now, limit=rows_a_transaction)
    return sum(
        delete_in_batches(database, partial(prune_log, model_id=model_id), rows_a_transaction) for model_id in model_ids
    )


def prune_versions(database: Database) -> int:
    """Delete the versions that their models' rules do not keep; returns how many."""
    with database.read() as session:
        models = retention.list_ruled_models(session)
    return sum(
        delete_in_batches(database, partial(_apply_retention, model=model), retention.VERSIONS_AT_ONCE)
        for model in models
    )


def _apply_retention(session: Session, model: str) -> int:
    try:
        return retention.apply(session, model)
    except NotFound:  # the model was deleted in the meantime, and its versions with it
        return 0


async def prune_forever(database: Database, keep_days: float | None) -> None:
    """Prune once an hour: predictions and versions by their models' rules, jobs if the settings limit their age."""
    while True:
        await _prune_and_log("old logged predictions", partial(prune_logs, database))
        await _prune_and_log("versions that no rule keeps", partial(prune_versions, database))
        if keep_days is not None:
            await _prune_and_log("old jobs", partial(prune, database, timedelta(days=keep_days)))
        await asyncio.sleep(SECONDS_BETWEEN_PRUNINGS)


async def _prune_and_log(what: str, work: Callable[[], int]) -> None:
    try:
        if deleted := await asyncio.to_thread(work):
            logger.info(f"{what} were deleted", count=deleted)
    except Problem as problem:
        logger.warning(f"{what} could not be deleted", why=problem.detail)
    except Exception:  # an error in one task must not stop the others, or the next hour's
        logger.exception(f"{what} could not be deleted")
