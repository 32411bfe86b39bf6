"""The kinds `train` and `search`: load the data, fit, register the version with the job's end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import threadpoolctl

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Table
from models.data.reading.options import ReadingOptions
from models.fitting.fit import Fitted, fit, prepare
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from models.specification import ColumnOverride, Recipe
from models.training.callbacks import TrainingCallback
from service.datasets.load import load_table
from service.jobs.attempt.attempt import JobAttempt, retry_while_unavailable
from service.jobs.attempt.environment import differences, environment_facts
from service.jobs.attempt.failpoints import failpoint
from service.jobs.kinds.promotion import promote
from service.registry.jobs import jobs, progress
from service.registry.models import curves, retention, versions
from service.registry.models.recipes import recipe_of
from service.registry.models.versions import NewVersion


@dataclass(frozen=True)
class Environment:
    """Where a training runs, and the warnings about it."""

    facts: dict[str, Any]
    warnings: list[dict[str, Any]]


def train(attempt: JobAttempt) -> None:
    """Train, and register the new version."""
    environment = _store_environment(attempt)
    started = time.monotonic()
    fitted = fit_request(attempt, attempt.request, attempt.progress, find_state(attempt))
    new = _new_version(attempt, fitted, environment, time.monotonic() - started)
    failpoint("before-registration")
    retry_while_unavailable(lambda: _register(attempt, new, fitted))


def fit_request(
    attempt: JobAttempt,
    request: dict[str, Any],
    callback: TrainingCallback,
    state: bytes | None = None,
    types: Mapping[str, ColumnOverride] | None = None,
) -> Fitted:
    """Fit what a stored request describes, with its number of BLAS threads.

    `types` are the types of columns for which the request has none.
    """
    recipe = recipe_of(request)
    with threadpoolctl.threadpool_limits(recipe.training.threads or 1):
        options = ReadingOptions.of(replace(recipe, columns={**(types or {}), **recipe.columns}))
        table = load_table(attempt.database, attempt.settings, request["data"]["dataset"], options)
        prepared = prepare(table, recipe, _validation_table(attempt, recipe), _first_network(attempt, recipe))
        return fit(prepared, callback=callback, state=state)


def _validation_table(attempt: JobAttempt, recipe: Recipe) -> Table | None:
    """The rows of `validation.dataset`, if there is one."""
    dataset = recipe.validation.dataset
    return (
        None if dataset is None else load_table(attempt.database, attempt.settings, dataset, ReadingOptions.of(recipe))
    )


def _first_network(attempt: JobAttempt, recipe: Recipe) -> TrainedNetwork | None:
    """The network of `training.warm_start`. Raises NotFound and Gone if its version does not exist any more."""
    start = recipe.training.warm_start
    if start is None:
        return None
    with attempt.database.read() as session:
        return safetensors.loads(versions.get_weights(session, start.model, start.version)[1])


def _store_environment(attempt: JobAttempt) -> Environment:
    """Store at the first attempt what determines the bits; warn if it has changed at a later one."""
    facts, warnings = environment_facts(recipe_of(attempt.request).training.threads or 1), list(attempt.row.warnings)
    first = attempt.row.environment or facts
    changed = differences(first, facts)
    if changed and not any(warning["code"] == WarningCode.BITS_NOT_GUARANTEED for warning in warnings):
        message = f"{', '.join(changed)} changed between two attempts: the weights may differ in their last bits"
        warnings.append(CodedWarning(WarningCode.BITS_NOT_GUARANTEED, message).for_dataset())
    with attempt.database.write() as session:
        progress.write_environment(session, attempt.claim, first, warnings)
    return Environment(first, warnings)


def find_state(attempt: JobAttempt) -> bytes | None:
    """The newest checkpoint; the curve is truncated to it."""
    with attempt.database.write() as session:
        jobs.update_claimed(session, attempt.claim)
        checkpoint = progress.find_checkpoint(session, attempt.claim.job)
        progress.truncate_curve(session, attempt.claim.job, checkpoint[0] if checkpoint else 0)
    return checkpoint[1] if checkpoint else None


def _new_version(attempt: JobAttempt, fitted: Fitted, environment: Environment, seconds: float) -> NewVersion:
    request = attempt.request | ({} if fitted.recipe is None else fitted.recipe.to_json())
    warnings = environment.warnings
    return NewVersion(
        task=fitted.trained.task,
        signature=cast(dict[str, Any], fitted.trained.signature.to_json()),
        metrics=dict(fitted.metrics),
        weights=safetensors.dumps(fitted.trained),
        environment=environment.facts,
        request=request,
        dataset=attempt.row.dataset,
        seed=request.get("training", {}).get("seed"),
        job=attempt.row.id,
        warnings=warnings + [warning for warning in fitted.warnings if warning not in warnings],
        duration_seconds=seconds,
        split=fitted.split,
        tags=request.get("tags") or {},
        description=request.get("description") or "",
    )


def _register(attempt: JobAttempt, new: NewVersion, fitted: Fitted) -> None:
    """Register the version, move its alias and end the job in one transaction."""
    model, actor = attempt.row.model, attempt.row.created_by
    with attempt.database.write() as session:
        jobs.update_claimed(session, attempt.claim)
        attempt.progress.flush(session)
        number = versions.add(session, model, new, actor)
        curves.move_to_version(session, attempt.row.id)
        promotion = promote(session, model, number, attempt.request, actor)
        retention.apply(session, model)
        values = {
            "version": number,
            "result": _result(fitted) | {"promotion": promotion},
            "warnings": new.warnings,
            "progress": attempt.progress.latest or attempt.row.progress,
        }
        jobs.end(session, attempt.claim, "succeeded", **values)
        failpoint("before-commit")
    failpoint("after-commit")


def _result(fitted: Fitted) -> dict[str, Any]:
    """How the training ended; for a search, also every trial with its score, and the best one."""
    result: dict[str, Any] = {"stopped": fitted.stopped, "best_epoch": fitted.best_epoch}
    return result | {"best": fitted.best_trial, "trials": fitted.trials} if fitted.trials else result
