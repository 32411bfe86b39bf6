"""How long jobs are kept after their end: for ever, unless a setting or an operator says otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from service.problems import Problem
from service.registry import Session, job_pruning
from service.registry.clock import moment
from service.registry.database import Database
from service.registry.job_pruning import Stretch

logger = structlog.get_logger()
ROWS_A_TRANSACTION = 500
SECONDS_BETWEEN_PRUNINGS = 3600

Prune = Callable[[Session, datetime, int, str], Stretch]


def prune(database: Database, keep: timedelta, rows_a_transaction: int = ROWS_A_TRANSACTION) -> int:
    """Delete the jobs that ended longer ago than `keep`, a few a transaction, so that nobody waits long for the
    database meanwhile; returns how many. Their keys go first: no key is left that promises a job that is gone.
    """
    with database.read() as session:
        finished_before = moment(session) - keep
    _prune_all(database, job_pruning.prune_keys, finished_before, rows_a_transaction)
    return _prune_all(database, job_pruning.prune_jobs, finished_before, rows_a_transaction)


def _prune_all(database: Database, prune_next: Prune, finished_before: datetime, limit: int) -> int:
    deleted = 0
    after: str | None = ""
    while after is not None:
        with database.write() as session:
            stretch = prune_next(session, finished_before, limit, after)
        deleted += stretch.deleted
        after = stretch.go_on_after
    return deleted


async def prune_forever(database: Database, keep_days: float | None) -> None:
    """Prune once an hour, where the settings say how long jobs are kept."""
    while keep_days is not None:
        try:
            deleted = await asyncio.to_thread(prune, database, timedelta(days=keep_days))
            logger.info("old jobs were deleted", jobs=deleted)
        except Problem as problem:
            logger.warning("old jobs could not be deleted", why=problem.detail)
        await asyncio.sleep(SECONDS_BETWEEN_PRUNINGS)
