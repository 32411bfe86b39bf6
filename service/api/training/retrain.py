"""`POST …/versions/{ref}/retrain`: a version's recipe on new data, with changes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from models.specification import Recipe
from service.api.examples.iris import DATASET
from service.api.http.addresses import TRAINING
from service.api.http.request_body import describe_body
from service.api.http.routing import resource_router
from service.api.http.uploads import uploads
from service.api.training.request_data import describe_form, receive
from service.api.training.train import RESPONSES, Submission
from service.problems import Conflict
from service.registry.database import Database
from service.registry.models import versions
from service.schemas.errors.specification import read_specification
from service.schemas.job import Job
from service.schemas.names import Name, VersionReference
from service.schemas.registry import Version
from service.schemas.training import DryRun

router = resource_router("Versions")
COPIED_FIELDS = {"model", *(field.name for field in fields(Recipe))}
CHANGES: dict[str, Any] = {
    "schema": {
        "type": "object",
        "description": "Changes to the recipe, as fields of `POST /train`: a JSON merge patch (RFC 7396).",
    },
    "examples": {
        "new data": {"value": {"data": {"dataset": DATASET}, "alias": "staging"}},
        "another choice": {"value": {"training": {"epochs": 500, "optimizer": {"learning_rate": 0.003}}}},
    },
}
BODY = describe_body(TRAINING, CHANGES, describe_form(), is_required=False)


@router.post(
    "/models/{name}/versions/{ref}/retrain",
    status_code=202,
    response_model=None,
    summary="Train a version's recipe on new data",
    responses=RESPONSES,
    openapi_extra=BODY,
)
async def retrain(name: Name, ref: VersionReference, request: Request, submission: Submission) -> Job | DryRun:
    """Train with the version's recipe (features, network, settings and seed) on the data in the body.

    Other fields of the body change the recipe: objects are merged, and `null` restores a default. If `data` is left
    out, the version's own data are used. Aliases, tags and texts are not copied.
    """
    submission.actor.require("read", model=name)
    settings = submission.jobs.settings
    origin = await run_in_threadpool(_get_trained_version, submission.jobs.database, name, ref)
    async with uploads(settings) as files:
        received = await receive(request, settings, files, submission.jobs.sandbox, default=origin.dataset)
        recipe = merge_patch(_recipe(origin), received.specification) | {"retrained_from": _reference(origin)}
        specification = read_specification(recipe, settings, received.root)
        return await submission.submit(received, specification, [origin.links["self"], received.specification])


def _get_trained_version(database: Database, name: str, ref: str) -> Version:
    with database.read() as session:
        version, _ = versions.get_version(session, name, ref)
    if version.request is None:
        raise Conflict(
            "This version was imported without its training request, so it can't be retrained. Use `POST /train`."
        )
    return version


def _recipe(version: Version) -> dict[str, Any]:
    copied = {name: value for name, value in (version.request or {}).items() if name in COPIED_FIELDS}
    return {"reader": 1} | copied  # a request that names none is of the time of the first


def _reference(version: Version) -> dict[str, Any]:
    return {"model": version.model, "version": version.version}


def merge_patch(value: Any, patch: dict[str, Any]) -> dict[str, Any]:
    """Apply a JSON merge patch (RFC 7396), except that an object with a new `name` replaces the old one as a whole."""
    if not isinstance(value, dict) or ("name" in patch and patch["name"] != value.get("name")):
        value = {}
    changes = {
        name: merge_patch(value.get(name), part) if isinstance(part, dict) else part
        for name, part in patch.items()
        if part is not None
    }
    return {name: part for name, part in value.items() if name not in patch} | changes
