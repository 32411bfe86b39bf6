"""Models: names with versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from service.problems import Conflict, NotFound, did_you_mean
from service.registry import audit
from service.registry.dialects import insert_ignoring_conflict
from service.registry.models.search import VersionFilter, forget_versions, keep_tags_of_model, models_query
from service.registry.pagination import page_of
from service.registry.revisions import check_revision
from service.registry.tables import (
    AlertRow,
    AliasRow,
    ModelRow,
    PredictionLogRow,
    RetentionRuleRow,
    VersionRow,
    WeightsRow,
)
from service.schemas.registry import Description, Model
from service.schemas.strict import Page

ALL = VersionFilter()


def get_or_create(session: Session, name: str, actor: str) -> ModelRow:
    """The model's row, created (or created again) if there is none, and locked until the transaction ends."""
    now = datetime.now(UTC)
    is_new = insert_ignoring_conflict(session, ModelRow, name=name, created_at=now, updated_at=now)
    row = session.scalars(select(ModelRow).where(ModelRow.name == name).with_for_update()).one()
    if is_new or row.deleted_at is not None:
        row.deleted_at = None
        audit.record(session, actor, "model-created", name)
    return row


def find_row(session: Session, name: str) -> ModelRow | None:
    return session.scalars(select(ModelRow).where(ModelRow.name == name, ModelRow.deleted_at.is_(None))).one_or_none()


def get_row(session: Session, name: str) -> ModelRow:
    """Raises NotFound, with the nearest name that exists."""
    row = find_row(session, name)
    if row is None:
        names = session.scalars(select(ModelRow.name).where(ModelRow.deleted_at.is_(None)).limit(1000))
        raise NotFound(f"There is no model `{name}`.{did_you_mean(name, names)}")
    return row


def get_locked_row(session: Session, name: str) -> ModelRow:
    """The model's row, locked until the transaction ends: changes of one model come one after the other."""
    row = get_row(session, name)
    session.refresh(row, with_for_update=True)
    return row


def get_model(session: Session, name: str) -> tuple[Model, int]:
    """The model and its revision. Raises NotFound."""
    row = get_row(session, name)
    return _models(session, [row])[0], row.revision


def list_models(session: Session, limit: int, cursor: str | None, version_filter: VersionFilter = ALL) -> Page[Model]:
    rows, next_cursor = page_of(session, models_query(version_filter), ModelRow.id, limit, cursor)
    return Page(items=_models(session, rows), next_cursor=next_cursor)


def change_model(session: Session, name: str, change: Description, actor: str, expected: int | None) -> None:
    """Change a model's description and tags. Raises NotFound and PreconditionFailed."""
    row = get_locked_row(session, name)
    check_revision(row.revision, expected)
    before = {"description": row.description, "tags": row.tags}
    row.description = row.description if change.description is None else change.description
    row.tags = row.tags if change.tags is None else change.tags
    if change.tags is not None:
        keep_tags_of_model(session, row)
    row.revision, row.updated_at = row.revision + 1, datetime.now(UTC)
    after = {"description": row.description, "tags": row.tags}
    audit.record(session, actor, "model-changed", name, before=before, after=after)


def delete_model(session: Session, name: str, actor: str) -> None:
    """Delete a model and tombstone its versions. Raises Conflict while it has aliases."""
    row = get_locked_row(session, name)
    aliases = session.scalars(select(AliasRow.name).where(AliasRow.model_id == row.id)).all()
    if aliases:
        raise Conflict(f"Delete the aliases of `{name}` first: {', '.join(sorted(aliases)[:5])}.")
    now = datetime.now(UTC)
    row.deleted_at, row.description, row.tags, row.revision = now, "", {}, row.revision + 1
    row.live_versions = 0
    keep_tags_of_model(session, row)
    live = (VersionRow.model_id == row.id) & VersionRow.deleted_at.is_(None)
    session.execute(update(VersionRow).where(live).values(deleted_at=now))
    of_model = select(VersionRow.id).where(VersionRow.model_id == row.id)
    session.execute(delete(WeightsRow).where(WeightsRow.version_id.in_(of_model)))
    forget_versions(session, row.id)
    for table in (PredictionLogRow, AlertRow, RetentionRuleRow):  # the next pruning deletes the logged rows
        session.execute(delete(table).where(table.model_id == row.id))
    audit.record(session, actor, "model-deleted", name)


def _models(session: Session, rows: Sequence[ModelRow]) -> list[Model]:
    ids = [row.id for row in rows]
    aliases: dict[int, dict[str, int]] = defaultdict(dict)
    for alias in session.scalars(select(AliasRow).where(AliasRow.model_id.in_(ids)).order_by(AliasRow.name)):
        aliases[alias.model_id][alias.name] = alias.version
    # One step at the end of the index for each model: a model may have a million versions.
    newest = select(func.max(VersionRow.number)).where(VersionRow.model_id == ModelRow.id)
    latest = newest.where(VersionRow.deleted_at.is_(None)).correlate(ModelRow).scalar_subquery()
    latest_numbers = session.execute(select(ModelRow.id, latest).where(ModelRow.id.in_(ids)))
    numbers: dict[int, int | None] = {row[0]: row[1] for row in latest_numbers}
    return [_model(row, aliases[row.id], numbers[row.id]) for row in rows]


def _model(row: ModelRow, aliases: dict[str, int], latest: int | None) -> Model:
    path = f"/models/{row.name}"
    return Model(
        name=row.name,
        description=row.description,
        tags=row.tags,
        created_at=row.created_at,
        updated_at=row.updated_at,
        latest=latest,
        versions=row.live_versions,
        aliases=aliases,
        links={"self": path, "versions": f"{path}/versions", "aliases": f"{path}/aliases", "events": f"{path}/events"},
    )
