"""What serving reads from the registry: the route of a reference, and which versions can be loaded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.registry.models import models, versions
from service.registry.models.versions import DEFAULT_ALIAS
from service.registry.monitoring import prediction_log
from service.registry.monitoring.prediction_log import LogRule
from service.registry.tables import AliasRow, ModelRow, VersionRow

Reference = str | int | None
Key = tuple[str, Reference]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a reference leads: to `version`, or to one of `split` by weight; `shadow` gets a copy of each request.

    `log` is None unless predictions are logged.
    """

    model: str
    version: int
    alias: str | None = None
    split: tuple[tuple[int, float], ...] = ()
    shadow: int | None = None
    log: LogRule | None = None


def get_route(session: Session, model: str, reference: Reference) -> Route:
    """The route of a reference. Raises NotFound, and Gone for a deleted version."""
    row = models.get_row(session, model)
    number = versions.get_row(session, row, reference).number
    alias = _find_alias(session, row, reference)
    log = prediction_log.find_rule(session, row.id)
    if alias is None:
        return Route(model, number, log=log)
    split = tuple((int(part), weight) for part, weight in (alias.split or {}).items() if weight > 0)
    return Route(model, number, alias.name, split, alias.shadow, log)


def _find_alias(session: Session, model: ModelRow, reference: Reference) -> AliasRow | None:
    if isinstance(reference, int) or reference == "latest" or (reference is not None and reference.isdigit()):
        return None
    return session.get(AliasRow, (model.id, reference or DEFAULT_ALIAS))


def list_live_numbers(session: Session, model: str, limit: int) -> list[int]:
    """The numbers of the newest versions that are not deleted, rising. Raises NotFound."""
    row = models.get_row(session, model)
    live = (VersionRow.model_id == row.id) & VersionRow.deleted_at.is_(None)
    newest = select(VersionRow.number).where(live).order_by(VersionRow.number.desc()).limit(limit)
    return sorted(session.scalars(newest))


def list_live_versions(session: Session, limit: int) -> list[tuple[str, int]]:
    """Models and numbers of the newest versions of all that are not deleted, by name and number."""
    live = select(ModelRow.name, VersionRow.number).join(VersionRow, VersionRow.model_id == ModelRow.id)
    newest = live.where(VersionRow.deleted_at.is_(None)).order_by(VersionRow.id.desc()).limit(limit)
    return sorted((name, number) for name, number in session.execute(newest))
