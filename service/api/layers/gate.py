"""Checks of a request's head, before anything of it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

# A check raises the problem that it finds.
Check = Callable[[Scope], None]


class Gate:
    def __init__(self, app: ASGIApp, checks: Sequence[Check]) -> None:
        self.app = app
        self.checks = checks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for check in self.checks:
                check(scope)
        await self.app(scope, receive, send)
