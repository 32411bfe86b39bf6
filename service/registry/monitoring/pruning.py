"""Deletes logged predictions: those older or more numerous than their model's log keeps, and those without a log."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.registry.dialects import PRUNING, advisory_lock
from service.registry.tables import LoggedPredictionRow, PredictionLogRow


def list_logged_models(session: Session) -> list[int]:
    """The models that have logged predictions; this takes one step of the index for each."""
    ids: list[int] = []
    row = LoggedPredictionRow
    smallest = select(row.model_id).order_by(row.model_id).limit(1)
    while (next_id := session.scalar(smallest.where(row.model_id > (ids[-1] if ids else -1)))) is not None:
        ids.append(next_id)
    return ids


def prune(session: Session, model_id: int, now: datetime, limit: int) -> int:
    """Delete at most `limit` rows of a model that its log does not keep; returns how many."""
    advisory_lock(session, PRUNING)
    row = LoggedPredictionRow
    old = select(row.id).where(row.model_id == model_id).order_by(row.at).limit(limit)
    log = session.get(PredictionLogRow, model_id)
    if log is not None:
        old = old.where(row.at < _oldest_kept(session, log, now))
    ids = session.scalars(old).all()
    session.execute(delete(row).where(row.id.in_(ids)))
    return len(ids)


def _oldest_kept(session: Session, log: PredictionLogRow, now: datetime) -> datetime:
    row = LoggedPredictionRow
    by_time = now - timedelta(days=log.keep_days)
    newest = select(row.at).where(row.model_id == log.model_id).order_by(row.at.desc())
    by_count = session.scalar(newest.offset(log.keep_rows - 1).limit(1))
    return by_time if by_count is None else max(by_time, by_count)
