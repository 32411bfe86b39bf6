"""The exact input and output of one version: as OpenAPI for programs, and as an example request."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request, Response

from service.api.http.dependencies import Actor
from service.api.http.routing import resource_router
from service.api.http.shared_builds import Builds
from service.media_types import JSON
from service.schemas.names import Name, VersionReference
from service.serving.predictor import Predictor
from service.serving.served_version import ServedVersion
from service.serving.version_openapi import example, version_document

router = resource_router("Versions")


@router.get(
    "/models/{name}/versions/{ref}/openapi.json",
    summary="Describe a version's predictions",
    response_model=dict[str, Any],
)
async def get_document(name: Name, ref: VersionReference, request: Request, actor: Actor, builds: Builds) -> Response:
    """The exact schema of the version's requests and responses: names, types, ranges and categories in training."""
    actor.require("read", model=name)
    version = await _version(request, name, ref)
    content = await builds.get(version, lambda: orjson.dumps(version_document(version)))
    return Response(content, media_type=JSON)


@router.get("/models/{name}/versions/{ref}/example", summary="Get an example request")
async def get_example(name: Name, ref: VersionReference, request: Request, actor: Actor) -> dict[str, Any]:
    """A complete example request for the version's `/predict`."""
    actor.require("read", model=name)
    return example(await _version(request, name, ref))


async def _version(request: Request, name: str, ref: str) -> ServedVersion:
    predictor: Predictor = request.app.state.predictor
    return await predictor.find_version(name, ref)
