"""Checks of a request's head, before anything of it is carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

# A check raises the problem that it finds; it gets the headers by name too.
Check = Callable[[Scope, Mapping[bytes, bytes]], None]


class Gate:
    def __init__(self, app: ASGIApp, checks: Sequence[Check]) -> None:
        self.app = app
        self.checks = checks

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            headers = scope["state"]["headers"]
            for check in self.checks:
                check(scope, headers)
        return self.app(scope, receive, send)
