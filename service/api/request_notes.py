"""Notes of each request: a line in the log, and the figures for Prometheus."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.types import Scope

from service.api.figures import RequestFigures
from service.api.predict import is_predict_path
from service.observability import RequestLog

UNKNOWN = "unknown"


class RequestNotes:
    def __init__(self, log: RequestLog, figures: RequestFigures) -> None:
        self._log = log
        self._figures = figures
        self._errors = structlog.get_logger()

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._figures.add(scope["method"], route, status, seconds)
        line = described(scope)
        line["route"], line["status"], line["milliseconds"] = route, status, round(seconds * 1000, 3)
        self._log.write(line)

    def failed(self, scope: Scope, error: Exception) -> None:
        self._log.flush()
        self._errors.error("request failed", exc_info=error, **described(scope))


def described(scope: Scope) -> dict[str, Any]:
    """What every line about a request says of it."""
    state = scope["state"]
    line = {"method": scope["method"], "path": scope["path"], "request_id": state["request_id"]}
    if state["trace_id"] is not None:
        line["trace_id"] = state["trace_id"]
    return line


def route_of(scope: Scope) -> str:
    """The template of the address, of which there are few, unlike addresses."""
    route = scope.get("route")
    if route is not None:
        return getattr(route, "path", None) or UNKNOWN
    path: str = scope["path"]
    if not is_predict_path(path):
        return "/v2" if path.startswith("/v2/") else UNKNOWN
    if path == "/predict":
        return path
    return "/models/{name}/predict" if path.count("/") == 3 else "/models/{name}/versions/{ref}/predict"
