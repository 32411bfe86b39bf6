"""The queue of jobs: which come next, which models have room, how many there are.

The states are literals and not parameters: only then do the databases see that the index of that state alone,
`jobs_to_claim` or `jobs_running`, is enough.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, literal_column, or_, select
from sqlalchemy.orm import Session

from service.registry.dialects import moment, named_lock
from service.registry.tables import JobRow

CACHE_SECONDS = 1.0
ALWAYS_COUNTED = 1_000
NEARLY_FULL = 0.9
IS_QUEUED = JobRow.state == literal_column("'queued'")
IS_RUNNING = JobRow.state == literal_column("'running'")


def ready_jobs(session: Session, limit: int, most_per_model: int | None = None) -> Sequence[str]:
    """The ids of queued jobs that are due, the most urgent first.

    With `most_per_model`, only as many of a model as it may still have running; jobs of other models fill their place.
    """
    if most_per_model is None:
        return [row.id for row in _next(session, limit)]
    return _ready_with_room(session, limit, most_per_model)


def is_due(now: datetime) -> ColumnElement[bool]:
    return or_(JobRow.not_before.is_(None), JobRow.not_before <= now)


def has_room(session: Session, job: str, most_per_model: int) -> bool:
    """Whether the job's model may have one more running.

    The result holds until the transaction ends: on PostgreSQL other claims of this model wait.
    """
    model = session.scalar(select(JobRow.model).where(JobRow.id == job))
    named_lock(session, f"running:{model}")
    running = select(func.count()).where(IS_RUNNING, JobRow.model == model)
    return (session.scalar(running) or 0) < most_per_model


def _ready_with_room(session: Session, limit: int, most_per_model: int) -> list[str]:
    """Queries again without the models that are full until there are enough: at most once per model that fills up."""
    running = _running_by_model(session)
    chosen: list[str] = []
    while len(chosen) < limit:
        full = [model for model, number in running.items() if number >= most_per_model]
        missing = limit - len(chosen)
        rows = _next(session, missing, without_models=full, without_jobs=chosen)
        for row in rows:
            if running[row.model] < most_per_model:
                running[row.model] += 1
                chosen.append(row.id)
        if len(rows) < missing:
            break
    return chosen


def _next(
    session: Session, limit: int, without_models: Collection[str] = (), without_jobs: Collection[str] = ()
) -> Sequence[Row[str, str]]:
    query = select(JobRow.id, JobRow.model).where(IS_QUEUED, is_due(moment(session)))
    if without_models:
        query = query.where(JobRow.model.not_in(without_models))
    if without_jobs:
        query = query.where(JobRow.id.not_in(without_jobs))
    return session.execute(query.order_by(JobRow.priority.desc(), JobRow.id).limit(limit)).all()


def _running_by_model(session: Session) -> Counter[str]:
    counts = select(JobRow.model, func.count()).where(IS_RUNNING).group_by(JobRow.model)
    return Counter({row[0]: row[1] for row in session.execute(counts)})


def count_queued(session: Session, most: int) -> int:
    """The number of queued jobs, counted no further than `most`."""
    queued = select(JobRow.id).where(IS_QUEUED).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(queued)) or 0


class QueueLength:
    """The length of the queue, one per process: a count is reused for a second while the queue is far from full."""

    def __init__(self) -> None:
        self._length, self._good_until = 0, 0.0

    def reaches(self, session: Session, most: int) -> bool:
        """Whether the queue holds `most` jobs. Until it is nearly full, jobs added by others count a second late."""
        far_from_full = most > ALWAYS_COUNTED and self._length < most * NEARLY_FULL
        if not far_from_full or time.monotonic() > self._good_until:
            self._length = count_queued(session, most)
            self._good_until = time.monotonic() + CACHE_SECONDS
        self._length += 1
        return self._length > most


def count_by_state(session: Session) -> dict[str, int]:
    """The number of jobs in each state; states without a job are left out."""
    counts = select(JobRow.state, func.count()).group_by(JobRow.state)
    return {row[0]: row[1] for row in session.execute(counts)}
