"""A line in the log for each request, and its share of the metrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from starlette.types import Scope

from service.api.http.addresses import V2_PREFIX, route_of
from service.api.operations.metrics import RequestMetrics
from service.observability import RequestLog
from service.problems import DiskFull, Unavailable


class AccessLog:
    def __init__(self, log: RequestLog, metrics: RequestMetrics) -> None:
        self._log = log
        self._metrics = metrics
        self._errors = structlog.get_logger()

    def answered(self, scope: Scope, status: int, headers: Sequence[tuple[bytes, bytes]], seconds: float) -> None:
        method, route, state = scope["method"], route_of(scope), scope["state"]
        self._metrics.add(method, route, status, seconds)
        if status == 200 and (route.endswith("/predict") or route == V2_PREFIX):
            version = served_by(headers)
            if version is not None:
                self._metrics.count_prediction(version)
        if not self._log.is_on:
            return
        line = _line(method, scope["path"], route, status, seconds, state["request_id"])
        if state["trace_id"] is not None:
            line["trace_id"] = state["trace_id"]
        self._log.write(line)

    def predicted(self, path: str, route: str, version: bytes, request_id: str, seconds: float) -> None:
        """A prediction that took the fast path."""
        self._metrics.add("POST", route, 200, seconds)
        self._metrics.count_prediction(version)
        if self._log.is_on:
            self._log.write(_line("POST", path, route, 200, seconds, request_id))

    def failed(self, scope: Scope, error: Exception) -> None:
        self._log.flush()
        state = scope["state"]
        fields: dict[str, Any] = {"method": scope["method"], "path": scope["path"], "request_id": state["request_id"]}
        if isinstance(error, DiskFull | Unavailable):  # known conditions: where in the code they were met tells nothing
            self._errors.warning("request failed", why=error.detail, cause=_first_line(error.__cause__), **fields)
        else:
            self._errors.error("request failed", exc_info=error, **fields)


def _first_line(cause: BaseException | None) -> str | None:
    return None if cause is None else str(cause).partition("\n")[0]


def _line(method: str, path: str, route: str, status: int, seconds: float, request_id: str) -> dict[str, Any]:
    return {
        "event": "request",
        "level": "info",
        "timestamp": datetime.now(UTC),
        "method": method,
        "path": path,
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 3),
        "request_id": request_id,
    }


def served_by(headers: Sequence[tuple[bytes, bytes]]) -> bytes | None:
    """The version that made a prediction, as `iris/3`; None for other responses."""
    for name, value in headers:
        if name == b"feedforward-version":
            return value
    return None
