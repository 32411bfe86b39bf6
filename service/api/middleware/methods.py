"""HEAD is GET without its body; OPTIONS tells the methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import NotFound, shorten


class Methods:
    """`allowed` tells which methods an address takes; none where there is nothing."""

    def __init__(self, app: ASGIApp, allowed: Callable[[Scope], list[str]]) -> None:
        self.app = app
        self.allowed = allowed

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        method = scope.get("method")
        if method == "HEAD":
            # A copy: the server goes by its own scope when it leaves the body out.
            return self.app({**scope, "method": "GET"}, receive, _Headless(send).send)
        if method == "OPTIONS":
            return self._tell_methods(scope, send)
        return self.app(scope, receive, send)

    async def _tell_methods(self, scope: Scope, send: Send) -> None:
        allowed = self.allowed(scope)
        if not allowed:
            raise NotFound(f"There is nothing at {shorten(scope['path'])}.")
        headers = [(b"allow", ", ".join(allowed).encode())]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


class _Headless:
    """Passes an answer's head on; its end comes with the first of its body, so that no stream is kept going."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._ended = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(message)
        elif not self._ended:
            self._ended = True
            await self._send({"type": "http.response.body", "body": b""})
