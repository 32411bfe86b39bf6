"""Versions: numbered, immutable, registered in the transaction that ends their job."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.problems import Conflict, CorruptVersion, Gone, NotFound
from service.registry import audit, revisions
from service.registry.models import models, search
from service.registry.models.search import VersionFilter
from service.registry.tables import AliasRow, ModelRow, VersionRow, WeightsRow
from service.schemas.registry import Signature, Version, VersionChange, VersionMetrics
from service.schemas.strict import Page

DEFAULT_ALIAS = "production"
ALL = VersionFilter()


@dataclass(frozen=True, kw_only=True)
class NewVersion:
    """A version before it has a number. `weights` are the bytes of its safetensors form."""

    task: str
    signature: dict[str, Any]
    metrics: dict[str, Any]
    weights: bytes
    environment: dict[str, Any]
    request: dict[str, Any] | None = None
    dataset: str | None = None
    seed: int | None = None
    job: str | None = None
    warnings: list[dict[str, Any]] = field(default_factory=list)
    duration_seconds: float | None = None
    split: dict[str, Any] | None = None
    origin: dict[str, Any] | None = None
    tags: dict[str, str] = field(default_factory=dict)
    description: str = ""
    notes: str = ""


def add(session: Session, model: str, new: NewVersion, actor: str) -> int:
    """Register a version under the model's next number, which is returned."""
    row = models.get_or_create(session, model, actor)
    row.last_version += 1
    row.live_versions += 1
    row.updated_at = datetime.now(UTC)
    digest = hashlib.sha256(new.weights).hexdigest()
    fields = {name: value for name, value in vars(new).items() if name != "weights"}
    version = VersionRow(
        model_id=row.id,
        number=row.last_version,
        created_at=row.updated_at,
        weights_sha256=digest,
        weights_bytes=len(new.weights),
        **fields,
    )
    session.add(version)
    session.flush()
    session.add(WeightsRow(version_id=version.id, content=new.weights))
    search.keep(session, version)
    subject = {"version": version.number, "weights_sha256": digest}
    subject |= {} if new.origin is None else {"origin": new.origin}
    audit.record(session, actor, "version-registered", model, **subject)
    return version.number


def resolve(session: Session, model: ModelRow, reference: str | int | None) -> int:
    """The number that a reference names: a number, an alias, `latest`; None is `production` if it exists, else latest.

    Raises NotFound; a number is not looked up.
    """
    if isinstance(reference, int) or (reference is not None and reference.isdigit()):
        return _number(model, reference)
    if reference != "latest":
        alias = session.get(AliasRow, (model.id, reference or DEFAULT_ALIAS))
        if alias is not None:
            return alias.version
        if reference is not None:
            raise NotFound(f"The model `{model.name}` has no alias `{reference}`.")
    live = (VersionRow.model_id == model.id) & VersionRow.deleted_at.is_(None)
    latest = session.scalar(select(func.max(VersionRow.number)).where(live))
    if latest is None:
        raise NotFound(f"The model `{model.name}` has no version yet.")
    return latest


def _number(model: ModelRow, reference: str | int) -> int:
    text = str(reference)
    if len(text) > 9:
        raise NotFound(f"The model `{model.name}` has no version {text[:20]}.")
    return int(text)


def get_row(session: Session, model: ModelRow, reference: str | int | None) -> VersionRow:
    """Raises NotFound, and Gone for a deleted version."""
    number = resolve(session, model, reference)
    query = select(VersionRow).where(VersionRow.model_id == model.id, VersionRow.number == number)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(f"The model `{model.name}` has no version {number}.")
    if row.deleted_at is not None:
        raise Gone(f"Version {number} of `{model.name}` was deleted.")
    return row


def get_version(session: Session, model: str, reference: str | int | None) -> tuple[Version, int]:
    """The version and its revision. Raises NotFound and Gone."""
    row = models.get_row(session, model)
    version = get_row(session, row, reference)
    return _versions(session, row, [version], with_request=True)[0], version.revision


def get_registered(session: Session, version_id: int) -> Version:
    """The version with a row's id. Raises Gone if it was deleted."""
    row = session.get_one(VersionRow, version_id)
    model = session.get_one(ModelRow, row.model_id)
    return _versions(session, model, [get_row(session, model, row.number)], with_request=True)[0]


def get_weights(session: Session, model: str, reference: str | int | None) -> tuple[Version, bytes]:
    """The version with its safetensors bytes, verified by their SHA-256. Raises NotFound, Gone and CorruptVersion."""
    version, _ = get_version(session, model, reference)
    row = models.get_row(session, model)
    weights = session.get(WeightsRow, get_row(session, row, version.version).id)
    if weights is None:
        raise Gone(f"Version {version.version} of `{model}` was deleted.")
    content = weights.content
    if hashlib.sha256(content).hexdigest() != version.weights_sha256:
        raise CorruptVersion(f"The stored weights of {model}/{version.version} do not match their SHA-256.")
    return version, content


def list_versions(
    session: Session, model: str, limit: int, cursor: str | None, version_filter: VersionFilter = ALL
) -> Page[Version]:
    row = models.get_row(session, model)
    rows, next_cursor = search.page_of_versions(session, row, version_filter, limit, cursor)
    return Page(items=_versions(session, row, rows, with_request=False), next_cursor=next_cursor)


def get_records(session: Session, model: ModelRow, numbers: Iterable[int]) -> dict[int, Version]:
    """Versions by their numbers, including deleted ones."""
    query = select(VersionRow).where(VersionRow.model_id == model.id, VersionRow.number.in_(list(numbers)))
    rows = session.scalars(query.order_by(VersionRow.number)).all()
    return {version.version: version for version in _versions(session, model, rows, with_request=True)}


def change_version(
    session: Session, model: str, reference: str, change: VersionChange, actor: str, expected: int | None
) -> None:
    """Change the description, tags and notes, the only fields that may change."""
    version = get_row(session, models.get_locked_row(session, model), reference)
    revisions.check_revision(version.revision, expected)
    changes = change.model_dump(exclude_none=True)
    before = {name: getattr(version, name) for name in changes}
    for name, value in changes.items():
        setattr(version, name, value)
    if "tags" in changes:
        search.keep_new_tags(session, version)
    version.revision += 1
    audit.record(session, actor, "version-changed", model, version=version.number, before=before, after=changes)


def delete_version(session: Session, model: str, reference: str, actor: str) -> None:
    """Delete a version and leave a tombstone. Raises Conflict while an alias points to it."""
    row = models.get_locked_row(session, model)
    version = get_row(session, row, reference)
    aliases = aliases_of(session, row).get(version.number)
    if aliases:
        raise Conflict(f"Version {version.number} is named by `{aliases[0]}`. Move or delete that alias first.")
    tombstone(session, row, [version], actor)


def tombstone(session: Session, model: ModelRow, rows: Sequence[VersionRow], actor: str, **why: Any) -> None:
    """Leave tombstones of versions that no alias points to. Their weights go; how they were made stays on record."""
    now, numbers = datetime.now(UTC), [row.number for row in rows]
    for row in rows:
        row.deleted_at = now
        audit.record(session, actor, "version-deleted", model.name, version=row.number, **why)
    model.live_versions -= len(rows)
    session.flush()
    session.execute(delete(WeightsRow).where(WeightsRow.version_id.in_([row.id for row in rows])))
    search.forget_versions(session, model.id, numbers)


def aliases_of(session: Session, model: ModelRow) -> dict[int, list[str]]:
    """The aliases that lead to each version: as their target, in their split, or as their shadow."""
    names: dict[int, list[str]] = defaultdict(list)
    for alias in session.scalars(select(AliasRow).where(AliasRow.model_id == model.id).order_by(AliasRow.name)):
        for number in {alias.version, *map(int, alias.split or {}), *([alias.shadow] if alias.shadow else [])}:
            names[number].append(alias.name)
    return names


def _versions(session: Session, model: ModelRow, rows: Sequence[VersionRow], *, with_request: bool) -> list[Version]:
    aliases = aliases_of(session, model)
    return [_version(model.name, row, aliases.get(row.number, []), with_request) for row in rows]


def _version(model: str, row: VersionRow, aliases: list[str], with_request: bool) -> Version:
    path = f"/models/{model}/versions/{row.number}"
    links = {name: f"{path}/{name}" for name in ("predict", "weights", "curve", "card", "export")}
    links |= {"self": path, "model": f"/models/{model}"}
    if row.job is not None:
        links["job"] = f"/jobs/{row.job}"
    return Version(
        model=model,
        version=row.number,
        created_at=row.created_at,
        aliases=aliases,
        task=row.task,
        signature=Signature.model_validate(row.signature),
        metrics=VersionMetrics.model_validate(row.metrics),
        request=row.request if with_request else None,
        split=row.split,
        origin=row.origin,
        dataset=row.dataset,
        seed=row.seed,
        weights_sha256=row.weights_sha256,
        weights_bytes=row.weights_bytes,
        environment=row.environment,
        job=row.job,
        duration_seconds=row.duration_seconds,
        warnings=row.warnings,
        tags=row.tags,
        description=row.description,
        notes=row.notes if with_request else None,
        links=links,
    )
