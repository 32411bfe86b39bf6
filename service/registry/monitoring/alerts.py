"""Alerts on a model's live predictions: their rules, and the states that the last check found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from service.problems import NotFound
from service.registry import audit, revisions
from service.registry.models import models
from service.registry.tables import AlertRow, ModelRow, PredictionLogRow
from service.schemas.monitoring import AlertRules, Alerts, AlertState, RuleName
from service.schemas.strict import write_time


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule concludes about a version at a check."""

    version: int
    rule: RuleName
    alarm: bool
    sentence: str


def get_alerts(session: Session, model: str) -> tuple[Alerts, int]:
    """The alerts and their revision. Raises NotFound."""
    row = _get_row(session, models.get_row(session, model))
    return _alerts(model, row), row.revision


def set_alerts(
    session: Session, model: str, rules: AlertRules, actor: str, expected: int | None = None
) -> tuple[Alerts, int, bool]:
    """Watch a model by these rules from now on; returns them, their revision and whether they are new.

    States found under earlier rules are discarded. Raises NotFound and PreconditionFailed.
    """
    owner = models.get_locked_row(session, model)
    row = session.get(AlertRow, owner.id)
    revisions.check_revision(row.revision if row else 0, expected)
    is_new, before = row is None, row.rules if row else None
    if row is None:
        row = AlertRow(model_id=owner.id)
        session.add(row)
    row.rules, row.states, row.checked_at = rules.model_dump(), {}, None
    row.updated_at, row.updated_by = datetime.now(UTC), actor
    row.revision = revisions.revision_at(row.updated_at)
    audit.record(session, actor, "alerts-set", model, before=before, after=row.rules)
    return _alerts(model, row), row.revision, is_new


def delete_alerts(session: Session, model: str, actor: str, expected: int | None = None) -> None:
    """Delete a model's alerts. Raises NotFound and PreconditionFailed."""
    row = _get_row(session, models.get_locked_row(session, model))
    revisions.check_revision(row.revision, expected)
    session.delete(row)
    audit.record(session, actor, "alerts-deleted", model)


def list_due(session: Session, checked_before: datetime) -> list[str]:
    """The models with a log whose alerts have not been checked since a moment."""
    query = select(ModelRow.name).join(AlertRow, AlertRow.model_id == ModelRow.id)
    query = query.join(PredictionLogRow, PredictionLogRow.model_id == ModelRow.id)
    return list(session.scalars(query.where(_is_due(checked_before)).order_by(AlertRow.checked_at)))


def claim(session: Session, model: str, checked_before: datetime, now: datetime) -> bool:
    """Claim a model's check: of several processes one succeeds."""
    owner = select(ModelRow.id).where(ModelRow.name == model).scalar_subquery()
    due = (AlertRow.model_id == owner) & _is_due(checked_before)
    claimed_row = session.execute(update(AlertRow).where(due).values(checked_at=now).returning(AlertRow.model_id))
    return claimed_row.one_or_none() is not None


def note(session: Session, model: str, verdicts: Sequence[Verdict], live: Collection[int], now: datetime) -> Alerts:
    """Store the verdicts of a check; each change of a rule's state is an event. Raises NotFound.

    `live` are the versions with live rows: such a version keeps its states if it has too few rows to judge.
    """
    row = _get_row(session, models.get_locked_row(session, model))
    states = {key: state for key, state in row.states.items() if state["version"] in live}
    for verdict in verdicts:
        key = f"{verdict.version}/{verdict.rule}"
        before = states.get(key, {"alarm": False, "since": write_time(now)})
        if verdict.alarm != before["alarm"]:
            before = {"since": write_time(now)}
            _announce(session, model, verdict)
        states[key] = {
            "version": verdict.version,
            "rule": verdict.rule,
            "alarm": verdict.alarm,
            "since": before["since"],
            "sentence": verdict.sentence,
        }
    row.states, row.checked_at = states, now
    return _alerts(model, row)


def _announce(session: Session, model: str, verdict: Verdict) -> None:
    action = "model-drifted" if verdict.alarm else "model-recovered"
    subject = {"version": verdict.version, "rule": verdict.rule, "sentence": verdict.sentence}
    audit.record(session, audit.SERVICE, action, model, **subject)


def _is_due(checked_before: datetime) -> ColumnElement[bool]:
    return or_(AlertRow.checked_at.is_(None), AlertRow.checked_at < checked_before)


def _get_row(session: Session, model: ModelRow) -> AlertRow:
    row = session.get(AlertRow, model.id)
    if row is None:
        how = f'PUT /models/{model.name}/alerts {{"psi": 0.25}} sets one'
        raise NotFound(f"The model `{model.name}` has no alerts. {how}.")
    return row


def _alerts(model: str, row: AlertRow) -> Alerts:
    states = [AlertState.model_validate(state) for _, state in sorted(row.states.items())]
    return Alerts(
        model=model,
        **row.rules,
        states=states,
        checked_at=row.checked_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
