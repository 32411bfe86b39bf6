"""The queue as those see it who empty it: what comes next, and which models have room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, or_, select, text
from sqlalchemy.orm import Session

from service.registry.clock import moment
from service.registry.job_states import IS_QUEUED, IS_RUNNING
from service.registry.tables import JobRow


def ready_jobs(session: Session, limit: int, most_per_model: int | None = None) -> Sequence[str]:
    """The ids of queued jobs whose time has come, the most urgent first.

    With `most_per_model`, only as many of a model as it may still have running: those of others come in their place.
    """
    if most_per_model is None:
        return [row.id for row in _next(session, limit)]
    return _ready_with_room(session, limit, most_per_model)


def is_due(now: datetime) -> ColumnElement[bool]:
    return or_(JobRow.not_before.is_(None), JobRow.not_before <= now)


def has_room(session: Session, job: str, most_per_model: int) -> bool:
    """Whether the job's model may have one more running.

    The answer holds until the transaction ends: on PostgreSQL nobody else is answered for this model meanwhile.
    """
    model = session.scalar(select(JobRow.model).where(JobRow.id == job))
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        session.execute(lock, {"name": f"running:{model}"})
    running = select(func.count()).where(IS_RUNNING, JobRow.model == model)
    return (session.scalar(running) or 0) < most_per_model


def _ready_with_room(session: Session, limit: int, most_per_model: int) -> list[str]:
    """Asks again without the models that are full, until there is enough: at most once for each model that fills up."""
    taken = _running_by_model(session)
    chosen: list[str] = []
    while len(chosen) < limit:
        full = [model for model, number in taken.items() if number >= most_per_model]
        asked = limit - len(chosen)
        found = _next(session, asked, without_models=full, without_jobs=chosen)
        for row in found:
            if taken[row.model] < most_per_model:
                taken[row.model] += 1
                chosen.append(row.id)
        if len(found) < asked:
            break
    return chosen


def _next(
    session: Session, limit: int, without_models: Collection[str] = (), without_jobs: Collection[str] = ()
) -> Sequence[Row[str, str]]:
    wanted = select(JobRow.id, JobRow.model).where(IS_QUEUED, is_due(moment(session)))
    if without_models:
        wanted = wanted.where(JobRow.model.not_in(without_models))
    if without_jobs:
        wanted = wanted.where(JobRow.id.not_in(without_jobs))
    return session.execute(wanted.order_by(JobRow.priority.desc(), JobRow.id).limit(limit)).all()


def _running_by_model(session: Session) -> Counter[str]:
    counted = select(JobRow.model, func.count()).where(IS_RUNNING).group_by(JobRow.model)
    return Counter({row[0]: row[1] for row in session.execute(counted)})
