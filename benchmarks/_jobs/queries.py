"""The cost of each step of a job in the database, by the length of the queue and of the history."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from service.jobs import queue
from service.registry import Session
from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs import queue as job_counts
from service.registry.jobs.jobs import Claim, NewJob
from service.registry.jobs.pruning import prune_jobs
from service.registry.jobs.queue import ready_jobs

ROUNDS = 30
MOST_QUEUED = 200_000
Figures = dict[str, float]


def measure(database: Database) -> Figures:
    """Medians in milliseconds, commits included."""
    claims: list[Claim] = []
    return {
        "submit": _median(database, lambda session: _enqueue(session)),
        "choose the next": _median(database, lambda session: ready_jobs(session, 4)),
        "choose, 2 of a model": _median(database, lambda session: ready_jobs(session, 4, 2)),
        "claim": _median(database, lambda session: claims.append(_claim(session))),
        "end": _median(database, lambda session: jobs.end(session, claims.pop(), "succeeded")),
        "list the newest": _median(database, lambda session: jobs.list_jobs(session, limit=50)),
        "list one model's": _median(database, lambda session: jobs.list_jobs(session, limit=50, model="model-01")),
        "count by state": _median(database, lambda session: job_counts.count_by_state(session)),
        "find 500 to prune": _median(database, lambda session: prune_jobs(session, LONG_AGO, 500, "")),
    }


LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
NEW = NewJob(kind="train", model="new", request={"model": "new"}, priority=1)


def _enqueue(session: Session) -> None:
    queue.enqueue(session, NEW, most_queued=MOST_QUEUED)


def _claim(session: Session) -> Claim:
    [job] = ready_jobs(session, 1)
    row = jobs.claim(session, job, "bench", 3600)
    assert row is not None
    return Claim(row.id, row.attempt)


def _median(database: Database, act: Callable[[Session], object]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with database.write() as session:
            act(session)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds) * 1000
