"""Which methods an address takes, over all that the application serves."""

from __future__ import annotations

import re
from functools import cached_property

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path
from starlette.types import Scope

from service.api.http.addresses import is_predict_path


class Addresses:
    """Looked up when a method does not fit its address, and for OPTIONS; predictions are served beside the routes."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def _known(self) -> list[tuple[re.Pattern[str], set[str]]]:
        contexts = iter_route_contexts(self._app.routes)
        return [(compile_path(route.path)[0], route.methods) for route in contexts if route.path and route.methods]

    def methods_at(self, scope: Scope) -> list[str]:
        """The methods, with HEAD where there is GET; [] where there is nothing."""
        found = {"POST"} if is_predict_path(scope["path"]) else set()
        for pattern, methods in self._known:
            if pattern.match(scope["path"]):
                found |= methods
        if "GET" in found:
            found.add("HEAD")
        return sorted(found | {"OPTIONS"}) if found else []
