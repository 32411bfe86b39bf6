"""Retention: which versions of a model are kept, and the deletion of the others.

It keeps the newest, those younger than a rule's age, those that an alias points to, and those it can be rolled back to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.problems import NotFound
from service.registry import audit, revisions
from service.registry.models import models, versions
from service.registry.tables import AliasMoveRow, AliasRow, ModelRow, RetentionRuleRow, VersionRow
from service.schemas.retention import Retention, RetentionPreview, RetentionRule

ACTOR = "retention"
VERSIONS_AT_ONCE = 100


def get_rule(session: Session, model: str) -> tuple[Retention, int]:
    """The rule of a model and its revision. Raises NotFound where all versions are kept."""
    owner = models.get_row(session, model)
    row = _get_row(session, owner)
    return _retention(session, owner, row), row.revision


def set_rule(
    session: Session, model: str, rule: RetentionRule, actor: str, expected: int | None = None
) -> tuple[Retention, int, bool]:
    """Keep versions by this rule from now on, and delete the first of the others.

    Returns the rule, its revision and whether it is new. Raises NotFound and PreconditionFailed.
    """
    owner = models.get_locked_row(session, model)
    row = session.get(RetentionRuleRow, owner.id)
    revisions.check_revision(row.revision if row else 0, expected)
    is_new, before = row is None, None if row is None else _rule(row).model_dump()
    if row is None:
        row = RetentionRuleRow(model_id=owner.id)
        session.add(row)
    row.keep_last, row.keep_days, row.keep_rollbacks = rule.keep_last, rule.keep_days, rule.keep_rollbacks
    row.updated_at, row.updated_by = datetime.now(UTC), actor
    row.revision = revisions.revision_at(row.updated_at)
    audit.record(session, actor, "retention-set", model, before=before, after=rule.model_dump())
    session.flush()
    _delete_some(session, owner, rule)
    return _retention(session, owner, row), row.revision, is_new


def delete_rule(session: Session, model: str, actor: str, expected: int | None = None) -> None:
    """Keep all versions from now on. Raises NotFound and PreconditionFailed."""
    row = _get_row(session, models.get_locked_row(session, model))
    revisions.check_revision(row.revision, expected)
    session.delete(row)
    audit.record(session, actor, "retention-deleted", model, before=_rule(row).model_dump())


def preview(session: Session, model: str, rule: RetentionRule) -> RetentionPreview:
    """What a rule would delete now. Raises NotFound."""
    owner = models.get_row(session, model)
    unwanted = _unwanted(session, owner, rule)
    count = _count(session, unwanted)
    numbers = unwanted.with_only_columns(VersionRow.number).order_by(VersionRow.number).limit(VERSIONS_AT_ONCE)
    return RetentionPreview(count=count, versions=list(session.scalars(numbers)), kept=owner.live_versions - count)


def list_ruled_models(session: Session) -> list[str]:
    """The models that have a rule."""
    names = select(ModelRow.name).join(RetentionRuleRow, RetentionRuleRow.model_id == ModelRow.id)
    return sorted(session.scalars(names))


def apply(session: Session, model: str) -> int:
    """Delete the oldest versions that the model's rule does not keep, a hundred at most; returns how many.

    Raises NotFound for a model that is gone.
    """
    owner = models.get_locked_row(session, model)
    row = session.get(RetentionRuleRow, owner.id)
    return 0 if row is None else _delete_some(session, owner, _rule(row))


def _delete_some(session: Session, model: ModelRow, rule: RetentionRule) -> int:
    unwanted = _unwanted(session, model, rule).order_by(VersionRow.number).limit(VERSIONS_AT_ONCE)
    rows = session.scalars(unwanted).all()
    if rows:
        versions.tombstone(session, model, rows, ACTOR, rule=rule.model_dump())
    return len(rows)


def _unwanted(session: Session, model: ModelRow, rule: RetentionRule) -> Select[VersionRow]:
    live = (VersionRow.model_id == model.id) & VersionRow.deleted_at.is_(None)
    newest = select(VersionRow.number).where(live).order_by(VersionRow.number.desc())
    oldest_kept = session.scalar(newest.offset(rule.keep_last - 1).limit(1)) or 0
    unwanted = select(VersionRow).where(live, VersionRow.number < oldest_kept)
    if rule.keep_days is not None:
        unwanted = unwanted.where(VersionRow.created_at < datetime.now(UTC) - timedelta(days=rule.keep_days))
    return unwanted.where(VersionRow.number.not_in(_alias_targets(session, model, rule.keep_rollbacks)))


def _count(session: Session, query: Select[VersionRow]) -> int:
    return session.scalar(query.with_only_columns(func.count())) or 0


def _alias_targets(session: Session, model: ModelRow, rollbacks: int) -> set[int]:
    """The versions that aliases point to, and that they pointed to before their last moves."""
    numbers: set[int] = set()
    for name in session.scalars(select(AliasRow.name).where(AliasRow.model_id == model.id)):
        moves = select(AliasMoveRow).where(AliasMoveRow.model_id == model.id, AliasMoveRow.alias == name)
        for move in session.scalars(moves.order_by(AliasMoveRow.id.desc()).limit(1 + rollbacks)):
            numbers |= _targets(move)
    return numbers


def _targets(move: AliasMoveRow) -> set[int]:
    numbers: Iterable[int | None] = (move.version, *map(int, move.split or {}), move.shadow)
    return {number for number in numbers if number is not None}


def _get_row(session: Session, model: ModelRow) -> RetentionRuleRow:
    row = session.get(RetentionRuleRow, model.id)
    if row is None:
        how = f'PUT /models/{model.name}/retention {{"keep_last": 10}} keeps the newest ten'
        raise NotFound(f"All versions of `{model.name}` are kept. {how}.")
    return row


def _rule(row: RetentionRuleRow) -> RetentionRule:
    return RetentionRule(keep_last=row.keep_last, keep_days=row.keep_days, keep_rollbacks=row.keep_rollbacks)


def _retention(session: Session, model: ModelRow, row: RetentionRuleRow) -> Retention:
    rule = _rule(row)
    return Retention(
        model=model.name,
        **rule.model_dump(),
        to_delete=_count(session, _unwanted(session, model, rule)),
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
