"""Which methods an address takes, over all routes of the application."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Match, Route
from starlette.types import Scope


def allowed_methods(app: FastAPI, scope: Scope) -> list[str]:
    """The methods that the routes at an address take, with HEAD where there is GET; [] where there is no route."""
    found: set[str] = set()
    for context in iter_route_contexts(app.routes):
        if (
            context.methods
            and Route(context.path or "/", _nowhere, methods=["GET"]).matches(scope)[0] is not Match.NONE
        ):
            found |= context.methods
    if "GET" in found:
        found.add("HEAD")
    return sorted(found | {"OPTIONS"}) if found else []


async def _nowhere() -> None: ...
