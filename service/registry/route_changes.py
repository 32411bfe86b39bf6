"""Which routes a change may have altered: what a process that made it must not serve from memory any longer."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from service.registry.audit import Change
from service.registry.models.versions import DEFAULT_ALIAS
from service.registry.serving_routes import Key, Reference, Route

# Actions after which every name of the model leads where it led before.
WITHOUT_EFFECT = frozenset(
    {
        "alerts-deleted",
        "alerts-set",
        "model-changed",
        "model-drifted",
        "model-recovered",
        "retention-deleted",
        "retention-set",
        "version-changed",
    }
)
EVERY_NAME = "*"  # no name of a version contains it


def altered_by(change: Change) -> set[Key]:
    """A model and each of its names that may lead elsewhere now; a deleted version stands for all that led to it."""
    if change.model is None or change.action in WITHOUT_EFFECT:
        return set()
    return {(change.model, reference) for reference in _references(change.action, change.subject)}


def _references(action: str, subject: dict[str, Any]) -> AbstractSet[Reference]:
    if action in {"alias-moved", "alias-deleted"}:
        alias = subject["alias"]
        return {alias, None} if alias == DEFAULT_ALIAS else {alias}
    if action == "version-registered":
        return {"latest", None}
    if action == "version-deleted":
        return {subject["version"]}
    return {EVERY_NAME}


def is_altered(reference: Reference, route: Route, altered: AbstractSet[Key]) -> bool:
    """Whether the reference, whose route this was, may lead elsewhere now."""
    name = reference if route.alias is None else route.alias
    leads_to = {name, EVERY_NAME, route.version, *dict(route.split)}
    if route.shadow is not None:
        leads_to.add(route.shadow)
    return any((route.model, each) in altered for each in leads_to)
