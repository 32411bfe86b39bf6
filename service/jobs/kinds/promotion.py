"""Whether an alias moves to the version that a job has just registered."""

from __future__ import annotations

from typing import Any

from models.evaluation.metrics import is_smaller_better
from service.problems import Problem
from service.registry import Session
from service.registry.models import aliases, versions
from service.registry.models.metric_names import finite_metrics, whole_name
from service.schemas.registry import AliasTarget


def promote(session: Session, model: str, number: int, request: dict[str, Any], actor: str) -> dict[str, Any] | None:
    """Move the alias that the request names, if its rule allows; returns what happened, for the job's result."""
    alias = request.get("alias")
    if alias is None:
        return None
    refusal = _refusal(session, model, number, request.get("promote_if"))
    if refusal is None:
        aliases.move(session, model, alias, AliasTarget(version=number), actor)
    return {"alias": alias, "moved": refusal is None, "why": refusal or "the training succeeded"}


def _refusal(session: Session, model: str, number: int, rule: dict[str, Any] | None) -> str | None:
    if rule is None:
        return None
    metric, rival = rule["metric"], rule["better_than"]
    try:
        other, _ = versions.get_version(session, model, rival)
    except Problem:
        return None  # there is no rival yet
    new, _ = versions.get_version(session, model, number)
    ours, theirs = (finite_metrics(version.metrics.model_dump()).get(whole_name(metric)) for version in (new, other))
    if ours is None or theirs is None:
        return f"{metric} is not known for both versions"
    better = ours < theirs if is_smaller_better(metric) else ours > theirs
    return None if better else f"{metric} {ours:.6g} is not better than {theirs:.6g} of `{rival}`"
