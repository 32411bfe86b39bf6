"""Serves the OpenAPI document."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request, Response

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def get_document(request: Request) -> Response:
    """Made once, at the first request for it."""
    state = request.app.state
    if not hasattr(state, "openapi_json"):
        state.openapi_json = orjson.dumps(request.app.openapi())
    return Response(state.openapi_json, media_type="application/json")
