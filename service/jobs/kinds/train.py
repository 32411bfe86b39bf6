"""The kinds `train` and `search`: load the data, fit, register the version with the job's end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

import threadpoolctl

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Table
from models.fitting.fit import Fitted, fit, prepare
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from models.specification import ColumnOverride, Recipe
from models.training.callbacks import TrainingCallback
from service.datasets.load import load_table
from service.jobs.attempt.attempt import JobAttempt
from service.jobs.attempt.environment import differences, environment_facts
from service.jobs.attempt.failpoints import failpoint
from service.jobs.attempt.retry import retry_while_unavailable
from service.jobs.kinds.promotion import promote
from service.registry.jobs import jobs, progress
from service.registry.models import curves, retention, versions
from service.registry.models.versions import NewVersion

RECIPE_FIELDS = tuple(field.name for field in fields(Recipe))


@dataclass(frozen=True)
class Surroundings:
    """Where a training runs, and what is to be said about that."""

    facts: dict[str, Any]
    warnings: list[dict[str, Any]]


def train(run: JobAttempt) -> None:
    """Train, and register what comes of it."""
    surroundings = note_environment(run)
    started = time.monotonic()
    fitted = fit_request(run, run.request, run.monitor, find_state(run))
    new = _new_version(run, fitted, surroundings, time.monotonic() - started)
    failpoint("before-registration")
    retry_while_unavailable(lambda: _register(run, new, fitted))


def fit_request(
    run: JobAttempt,
    request: dict[str, Any],
    monitor: TrainingCallback,
    state: bytes | None = None,
    known: Mapping[str, ColumnOverride] | None = None,
) -> Fitted:
    """Fit what a stored request describes, with the BLAS threads that it was given.

    `known` are the types of columns of which the request tells none.
    """
    recipe = recipe_of(request)
    with threadpoolctl.threadpool_limits(recipe.training.threads or 1):
        columns = {**(known or {}), **recipe.columns}
        table = load_table(run.database, run.settings, request["data"]["dataset"], columns)
        prepared = prepare(table, recipe, _validation_table(run, recipe), _first_network(run, recipe))
        return fit(prepared, callback=monitor, state=state)


def _validation_table(run: JobAttempt, recipe: Recipe) -> Table | None:
    """The rows of `validation.dataset`, where they are rows of their own."""
    dataset = recipe.validation.dataset
    return None if dataset is None else load_table(run.database, run.settings, dataset, recipe.columns)


def _first_network(run: JobAttempt, recipe: Recipe) -> TrainedNetwork | None:
    """The network of `training.warm_start`. Raises NotFound and Gone where its version is no more."""
    start = recipe.training.warm_start
    if start is None:
        return None
    with run.database.read() as session:
        return safetensors.loads(versions.get_weights(session, start.model, start.version)[1])


def recipe_of(request: dict[str, Any]) -> Recipe:
    """The library's part of a stored request."""
    return Recipe.from_json({name: value for name, value in request.items() if name in RECIPE_FIELDS})


def note_environment(run: JobAttempt) -> Surroundings:
    """Store what decides the bits at the first attempt; warn when it is not the same at a later one."""
    facts, warnings = environment_facts(recipe_of(run.request).training.threads or 1), list(run.row.warnings)
    first = run.row.environment or facts
    changed = differences(first, facts)
    if changed and not any(warning["code"] == WarningCode.BITS_NOT_GUARANTEED for warning in warnings):
        message = f"{', '.join(changed)} changed between two attempts: the weights may differ in their last bits"
        warnings.append(CodedWarning(WarningCode.BITS_NOT_GUARANTEED, message).for_dataset())
    with run.database.write() as session:
        progress.write_environment(session, run.claim, first, warnings)
    return Surroundings(first, warnings)


def find_state(run: JobAttempt) -> bytes | None:
    """The newest checkpoint; the curve is cut to it."""
    with run.database.write() as session:
        jobs.update_claimed(session, run.claim)
        checkpoint = progress.find_checkpoint(session, run.claim.job)
        progress.truncate_curve(session, run.claim.job, checkpoint[0] if checkpoint else 0)
    return checkpoint[1] if checkpoint else None


def _new_version(run: JobAttempt, fitted: Fitted, surroundings: Surroundings, seconds: float) -> NewVersion:
    request = run.request
    warnings = surroundings.warnings
    return NewVersion(
        task=fitted.trained.task,
        signature=cast(dict[str, Any], fitted.trained.signature.to_json()),
        metrics=dict(fitted.metrics),
        weights=safetensors.dumps(fitted.trained),
        environment=surroundings.facts,
        request=request,
        dataset=run.row.dataset,
        seed=request.get("training", {}).get("seed"),
        job=run.row.id,
        warnings=warnings + [warning for warning in fitted.warnings if warning not in warnings],
        duration_seconds=seconds,
        split=fitted.split,
        tags=request.get("tags") or {},
        description=request.get("description") or "",
    )


def _register(run: JobAttempt, new: NewVersion, fitted: Fitted) -> None:
    """Version, alias and the job's end: one transaction."""
    model, actor = run.row.model, run.row.created_by
    with run.database.write() as session:
        jobs.update_claimed(session, run.claim)
        run.monitor.flush(session)
        number = versions.add(session, model, new, actor)
        curves.move_to_version(session, run.row.id)
        promotion = promote(session, model, number, run.request, actor)
        retention.apply(session, model)
        values = {
            "version": number,
            "result": _result(fitted) | {"promotion": promotion},
            "warnings": new.warnings,
            "progress": run.monitor.progress or run.row.progress,
        }
        jobs.end(session, run.claim, "succeeded", **values)
        failpoint("before-commit")
    failpoint("after-commit")


def _result(fitted: Fitted) -> dict[str, Any]:
    """How the training ended; of a search, every trial with its score too."""
    result: dict[str, Any] = {"stopped": fitted.stopped, "best_epoch": fitted.best_epoch}
    return result | {"trials": fitted.trials} if fitted.trials else result
