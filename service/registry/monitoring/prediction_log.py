"""Which models' predictions are logged: none until it is turned on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.problems import Conflict
from service.registry import audit, revisions
from service.registry.models import models
from service.registry.tables import LoggedPredictionRow, ModelRow, PredictionLogRow
from service.schemas.monitoring import PredictionLog, PredictionLogSettings


@dataclass(frozen=True, slots=True)
class LogRule:
    """What serving needs to know about a model's prediction log."""

    model_id: int
    sample: float


def find_rule(session: Session, model_id: int) -> LogRule | None:
    """The rule of a model's log, or None if nothing is logged."""
    row = session.get(PredictionLogRow, model_id)
    return None if row is None or not row.sample else LogRule(model_id, row.sample)


def get_log(session: Session, model: str) -> tuple[PredictionLog, int]:
    """The log and its revision. Raises NotFound, and Conflict where predictions are not logged."""
    row = get_row(session, models.get_row(session, model))
    return _log(session, model, row), row.revision


def get_row(session: Session, model: ModelRow) -> PredictionLogRow:
    """The settings of a model's log. Raises Conflict where predictions are not logged."""
    row = session.get(PredictionLogRow, model.id)
    if row is None:
        how = f'PUT /models/{model.name}/prediction-log {{"sample": 0.1}} logs a tenth of them'
        raise Conflict(f"Predictions of `{model.name}` are not logged. {how}.")
    return row


def set_log(
    session: Session, model: str, settings: PredictionLogSettings, actor: str, expected: int | None = None
) -> tuple[PredictionLog, int, bool]:
    """Log predictions by these settings from now on; returns the log, its revision and whether it is new.

    Raises NotFound and PreconditionFailed.
    """
    owner = models.get_locked_row(session, model)
    row = session.get(PredictionLogRow, owner.id)
    revisions.check_revision(row.revision if row else 0, expected)
    is_new, after = row is None, settings.model_dump()
    before = None if row is None else {name: getattr(row, name) for name in after}
    if row is None:
        row = PredictionLogRow(model_id=owner.id)
        session.add(row)
    row.sample, row.keep_days, row.keep_rows = settings.sample, settings.keep_days, settings.keep_rows
    row.updated_at, row.updated_by = datetime.now(UTC), actor
    row.revision = revisions.revision_at(row.updated_at)
    audit.record(session, actor, "prediction-log-set", model, before=before, after=after)
    session.flush()
    return _log(session, model, row), row.revision, is_new


def delete_log(session: Session, model: str, actor: str, expected: int | None = None) -> None:
    """Stop logging and delete the settings and rows of the log. Raises NotFound, Conflict and PreconditionFailed."""
    owner = models.get_locked_row(session, model)
    row = get_row(session, owner)
    revisions.check_revision(row.revision, expected)
    session.delete(row)
    session.execute(delete(LoggedPredictionRow).where(LoggedPredictionRow.model_id == owner.id))
    audit.record(session, actor, "prediction-log-deleted", model)


def _log(session: Session, model: str, row: PredictionLogRow) -> PredictionLog:
    count = select(func.count()).where(LoggedPredictionRow.model_id == row.model_id)
    return PredictionLog(
        model=model,
        sample=row.sample,
        keep_days=row.keep_days,
        keep_rows=row.keep_rows,
        rows=session.scalar(count) or 0,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
