"""How long jobs are kept after their end: for ever, unless a setting or an operator says otherwise.

The hourly task that forgets them deletes logged predictions and versions that their models do not keep too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from service.monitoring.pruning import prune_logs
from service.problems import NotFound, Problem
from service.registry import Session
from service.registry.database import Database
from service.registry.dialects import moment
from service.registry.jobs import pruning
from service.registry.jobs.pruning import Stretch
from service.registry.models import retention

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
    _prune_all(database, pruning.prune_keys, finished_before, rows_a_transaction)
    return _prune_all(database, pruning.prune_jobs, finished_before, rows_a_transaction)


def _prune_all(database: Database, prune_next: Prune, finished_before: datetime, limit: int) -> int:
    deleted = 0
    after: str | None = ""
    while after is not None:
        with database.write() as session:
            stretch = prune_next(session, finished_before, limit, after)
        deleted += stretch.deleted
        after = stretch.go_on_after
    return deleted


def prune_versions(database: Database) -> int:
    """Delete the versions that their models' rules do not keep, a few a transaction; returns how many."""
    with database.read() as session:
        ruled = retention.list_ruled_models(session)
    return sum(_prune_versions_of(database, model) for model in ruled)


def _prune_versions_of(database: Database, model: str) -> int:
    total = 0
    while True:
        try:
            with database.write() as session:
                deleted = retention.apply(session, model)
        except NotFound:  # the model was deleted meanwhile, and its versions with it
            return total
        total += deleted
        if deleted < retention.VERSIONS_AT_ONCE:
            return total


async def prune_forever(database: Database, keep_days: float | None) -> None:
    """Prune once an hour: logged predictions and versions as their models say, jobs where the settings say how long."""
    while True:
        await _prune_and_tell("old logged predictions", partial(prune_logs, database))
        await _prune_and_tell("versions that no rule keeps", partial(prune_versions, database))
        if keep_days is not None:
            await _prune_and_tell("old jobs", partial(prune, database, timedelta(days=keep_days)))
        await asyncio.sleep(SECONDS_BETWEEN_PRUNINGS)


async def _prune_and_tell(what: str, work: Callable[[], int]) -> None:
    try:
        if deleted := await asyncio.to_thread(work):
            logger.info(f"{what} were deleted", count=deleted)
    except Problem as problem:
        logger.warning(f"{what} could not be deleted", why=problem.detail)
    except Exception:  # a fault of one sweep must not end the others, nor those of the next hour
        logger.exception(f"{what} could not be deleted")
