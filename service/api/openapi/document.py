"""The OpenAPI document: what FastAPI derives from the routes, with our problems in place of its errors."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from service.api.examples.iris import EXAMPLES
from service.api.http.request_body import component_schemas
from service.api.http.shared_builds import Builds
from service.api.openapi.problems import PROBLEM_SCHEMA, add_problems
from service.api.prediction.operations import router as predict_operations
from service.api.transfer.import_schema import network_schemas
from service.media_types import JSON
from service.schemas.training import TrainRequest

METHODS = {"get", "put", "post", "delete", "patch"}
DESCRIPTION = """\
Train, version and serve small neural networks.

Send rows to `POST /train`, follow the job, and send new rows to `POST /predict`. Each successful training registers an
immutable **version** of its **model**; an **alias** such as `production` is a movable name for a version.

- Whatever has parameters is a name or an object: `"adam"` or `{"name": "adam", "learning_rate": 0.01}`.
- Times are UTC. Lists are paged, newest first: send `next_cursor` as `cursor` to get the next page.
- Errors are `application/problem+json`; `type` is a page of this server that explains the problem, and `errors` lists
  where in the input each error is.
- Unknown fields and query parameters are errors, so that a typo never silently becomes a default.
"""
TAGS = [
    {"name": "Training", "description": "From rows or a file to a version."},
    {"name": "Jobs", "description": "Trainings and other background work: follow, cancel and retry them."},
    {"name": "Predictions", "description": "Predict rows by model and version."},
    {"name": "Models", "description": "Names with versions and aliases."},
    {
        "name": "Versions",
        "description": "Immutable trained networks: their inputs, their quality, their weights.",
    },
    {"name": "Aliases", "description": "Movable names for versions, with history and rollback."},
    {"name": "Events", "description": "The audit trail, and webhooks that receive events."},
    {"name": "Monitoring", "description": "Live predictions: log, drift, true labels and alerts."},
    {"name": "Datasets", "description": "Data stored by digest, with a profile of each column."},
    {"name": "Operations", "description": "Health and metrics, for operators."},
]
router = APIRouter(include_in_schema=False)


def describe(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The complete document. Predictions are served beside the router, so their operations are added here."""
    document = get_openapi(
        title="Feedforward",
        version=_version(),
        description=DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        tags=TAGS,
        routes=[*routes, *predict_operations.routes],
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for framework_form in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework_form, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    schemas |= jsonable_encoder(component_schemas(TrainRequest), exclude_none=True) | network_schemas()
    for name, examples in EXAMPLES.items():
        if name in schemas:
            schemas[name]["examples"] = examples
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                _simplify(operation)
                add_problems(path, method, operation)
    return document


def _simplify(operation: dict[str, Any]) -> None:
    """An optional parameter can't be null, and "Successful Response" tells a reader nothing."""
    for parameter in operation.get("parameters", ()):
        kinds = parameter["schema"].pop("anyOf", None)
        if kinds is not None:
            parameter["schema"] |= next(kind for kind in kinds if kind.get("type") != "null")
    for response in operation["responses"].values():
        if response["description"] == "Successful Response":
            response["description"] = f"{operation['summary']}: done."


def _version() -> str:
    try:
        return version("feedforward")
    except PackageNotFoundError:
        return "0"


@router.get("/openapi.json")
async def get_document(request: Request, builds: Builds) -> Response:
    """Made once, at the first request for it."""
    state = request.app.state
    if not hasattr(state, "openapi_json"):
        state.openapi_json = await builds.get("openapi.json", lambda: orjson.dumps(request.app.openapi()))
    return Response(state.openapi_json, media_type=JSON)
