"""Aliases: movable names for versions, each move recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.problems import Conflict, InvalidInput, NotFound, did_you_mean, input_error
from service.registry import audit, revisions
from service.registry.models import models, versions
from service.registry.pagination import page_of
from service.registry.tables import AliasMoveRow, AliasRow, ModelRow
from service.schemas.registry import Alias, AliasMove, AliasTarget
from service.schemas.strict import Page


def move(
    session: Session, model: str, name: str, target: AliasTarget, actor: str, expected: int | None = None
) -> tuple[Alias, int, bool]:
    """Point an alias at a version; returns it, its revision and whether it is new. The same target is not a move.

    Raises NotFound, Gone, InvalidInput (an invalid split) and PreconditionFailed.
    """
    row = models.get_locked_row(session, model)
    _check_target(session, row, target)
    alias = session.get(AliasRow, (row.id, name))
    if expected is not None:
        revisions.check_revision(alias.revision if alias else 0, expected)
    if alias is not None and _target(alias) == target:
        return _alias(model, alias), alias.revision, False
    is_new = alias is None
    return *_point(session, row, name, target, actor), is_new


def _check_target(session: Session, model: ModelRow, target: AliasTarget) -> None:
    versions.get_row(session, model, target.version)
    for number in target.split or {}:
        versions.get_row(session, model, number)
    if target.split is not None and abs(sum(target.split.values()) - 1) > 1e-9:
        raise _bad_split("its weights must add up to 1")
    if target.split is not None and str(target.version) not in target.split:
        raise _bad_split("it must contain the alias's own version")
    if target.shadow is not None:
        versions.get_row(session, model, target.shadow)


def _bad_split(why: str) -> InvalidInput:
    return InvalidInput(
        f"The split can't be used: {why}.", errors=[input_error(["body", "split"], "split", f"the split: {why}")]
    )


def _point(session: Session, model: ModelRow, name: str, target: AliasTarget, actor: str) -> tuple[Alias, int]:
    now = datetime.now(UTC)
    alias = session.get(AliasRow, (model.id, name))
    before = _target(alias) if alias else None
    # Revisions continue when an alias is deleted and created again, so that an old ETag never fits a new alias.
    revision = _record_move(session, model, name, target, now, actor)
    if alias is None:
        alias = AliasRow(model_id=model.id, name=name)
        session.add(alias)
    alias.version, alias.split, alias.shadow = target.version, target.split, target.shadow
    alias.updated_at, alias.updated_by, alias.revision = now, actor, revision
    session.flush()
    audit.record(session, actor, "alias-moved", model.name, alias=name, **_difference(before, target))
    return _alias(model.name, alias), revision


def _difference(before: AliasTarget | None, after: AliasTarget) -> dict[str, Any]:
    """What a move changed: always the version, and the split and the shadow if they differ."""
    difference: dict[str, Any] = {"before": before.version if before else None, "after": after.version}
    for name in ("split", "shadow"):
        old, new = getattr(before, name, None), getattr(after, name)
        if old != new:
            difference[name] = {"before": old, "after": new}
    return difference


def _record_move(
    session: Session, model: ModelRow, name: str, target: AliasTarget | None, now: datetime, actor: str
) -> int:
    move_row = AliasMoveRow(model_id=model.id, alias=name, moved_at=now, moved_by=actor)
    if target is not None:
        move_row.version, move_row.split, move_row.shadow = target.version, target.split, target.shadow
    session.add(move_row)
    session.flush()
    return move_row.id


def get_alias(session: Session, model: str, name: str) -> tuple[Alias, int]:
    """The alias and its revision. Raises NotFound."""
    row = _get_row(session, models.get_row(session, model), name)
    return _alias(model, row), row.revision


def list_aliases(session: Session, model: str) -> list[Alias]:
    row = models.get_row(session, model)
    query = select(AliasRow).where(AliasRow.model_id == row.id).order_by(AliasRow.name)
    return [_alias(model, alias) for alias in session.scalars(query)]


def delete_alias(session: Session, model: str, name: str, actor: str, expected: int | None = None) -> None:
    """Delete an alias. Raises NotFound and PreconditionFailed."""
    row = models.get_locked_row(session, model)
    alias = _get_row(session, row, name)
    revisions.check_revision(alias.revision, expected)
    _record_move(session, row, name, None, datetime.now(UTC), actor)
    session.delete(alias)
    audit.record(session, actor, "alias-deleted", model, alias=name, before=alias.version)


def rollback(
    session: Session, model: str, name: str, steps: int, actor: str, expected: int | None = None
) -> tuple[Alias, int]:
    """Point the alias where it pointed `steps` moves ago, which is a move too. Raises Conflict if there is none."""
    row = models.get_locked_row(session, model)
    alias = _get_row(session, row, name)
    revisions.check_revision(alias.revision, expected)
    moves = select(AliasMoveRow).where(AliasMoveRow.model_id == row.id, AliasMoveRow.alias == name)
    before = session.scalars(moves.order_by(AliasMoveRow.id.desc()).offset(steps).limit(1)).one_or_none()
    if before is None or before.version is None:
        raise Conflict(f"The alias `{name}` did not point anywhere {steps} moves ago.")
    target = AliasTarget(version=before.version, split=before.split, shadow=before.shadow)
    _check_target(session, row, target)
    return _point(session, row, name, target, actor)


def history(session: Session, model: str, name: str, limit: int, cursor: str | None) -> Page[AliasMove]:
    """The moves of an alias, newest first; also of a deleted alias."""
    row = models.get_row(session, model)
    moves = select(AliasMoveRow).where(AliasMoveRow.model_id == row.id, AliasMoveRow.alias == name)
    rows, next_cursor = page_of(session, moves, AliasMoveRow.id, limit, cursor)
    return Page(items=[_move(move_row) for move_row in rows], next_cursor=next_cursor)


def as_of(session: Session, model: str, name: str, moment: datetime) -> AliasMove:
    """The target of an alias at a moment. Raises NotFound if it pointed to nothing."""
    row = models.get_row(session, model)
    newest = select(func.max(AliasMoveRow.id)).where(
        AliasMoveRow.model_id == row.id, AliasMoveRow.alias == name, AliasMoveRow.moved_at <= moment
    )
    move_row = session.scalars(select(AliasMoveRow).where(AliasMoveRow.id == newest.scalar_subquery())).one_or_none()
    if move_row is None or move_row.version is None:
        raise NotFound(f"The alias `{name}` of `{model}` did not point to a version at that time.")
    return _move(move_row)


def _get_row(session: Session, model: ModelRow, name: str) -> AliasRow:
    alias = session.get(AliasRow, (model.id, name))
    if alias is None:
        names = session.scalars(select(AliasRow.name).where(AliasRow.model_id == model.id))
        raise NotFound(f"The model `{model.name}` has no alias `{name}`.{did_you_mean(name, names)}")
    return alias


def _target(alias: AliasRow) -> AliasTarget:
    return AliasTarget(version=alias.version, split=alias.split, shadow=alias.shadow)


def _move(row: AliasMoveRow) -> AliasMove:
    return AliasMove(
        version=row.version, split=row.split, shadow=row.shadow, moved_at=row.moved_at, moved_by=row.moved_by
    )


def _alias(model: str, row: AliasRow) -> Alias:
    return Alias(
        model=model,
        alias=row.name,
        version=row.version,
        split=row.split,
        shadow=row.shadow,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
