"""Notes of each request: a line in the log."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.types import Scope


class RequestNotes:
    def __init__(self) -> None:
        self._log = structlog.get_logger("requests")

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        self._log.info("request", status=status, milliseconds=round(seconds * 1000, 3), **described(scope))

    def failed(self, scope: Scope, error: Exception) -> None:
        self._log.error("request failed", exc_info=error, **described(scope))


def described(scope: Scope) -> dict[str, Any]:
    """What every line about a request says of it."""
    state = scope["state"]
    line = {"method": scope["method"], "path": scope["path"], "request_id": state["request_id"]}
    return line if state["trace_id"] is None else line | {"trace_id": state["trace_id"]}
