"""The addresses that the middleware needs to recognise before a route is found."""

from __future__ import annotations

import re

from starlette.types import Scope

PATH = re.compile(r"/models/([^/]+)(?:/versions/([^/]+))?/predict\Z")


def is_predict_path(path: str) -> bool:
    """Whether `PredictApp` answers this address."""
    return path == "/predict" or (path.endswith("/predict") and PATH.match(path) is not None)


V2_PREFIX = "/v2"


def is_v2(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == V2_PREFIX or path.startswith(V2_PREFIX + "/")


UNKNOWN = "unknown"
V2 = "/v2"


def route_of(scope: Scope) -> str:
    """The template of the address, of which there are few, unlike addresses."""
    path: str = scope["path"]
    if path == "/predict":
        return path
    route = scope.get("route")
    if route is not None:
        return getattr(route, "path", None) or UNKNOWN
    if is_predict_path(path):
        return "/models/{name}/predict" if path.count("/") == 3 else "/models/{name}/versions/{ref}/predict"
    return V2 if path.startswith("/v2/") else UNKNOWN
