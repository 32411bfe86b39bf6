"""HEAD is GET without its body; OPTIONS lists the methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import NotFound, shorten


class Methods:
    """Responds to HEAD and OPTIONS. `allowed` returns the methods of a path, none where nothing is served."""

    def __init__(self, app: ASGIApp, allowed: Callable[[str], list[str]]) -> None:
        self.app = app
        self.allowed = allowed

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        method = scope.get("method")
        if method == "HEAD":
            # A copy, because the server reads its own scope to leave the body out.
            return self.app({**scope, "method": "GET"}, receive, _Headless(send).send)
        if method == "OPTIONS":
            return self._list_methods(scope, send)
        return self.app(scope, receive, send)

    async def _list_methods(self, scope: Scope, send: Send) -> None:
        allowed = self.allowed(scope["path"])
        if not allowed:
            raise NotFound(f"Nothing exists at {shorten(scope['path'])}.")
        headers = [(b"allow", ", ".join(allowed).encode())]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


class _Headless:
    """Sends a response's head; the first piece of its body ends the response, so that a stream ends there."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._ended = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(message)
        elif not self._ended:
            self._ended = True
            await self._send({"type": "http.response.body", "body": b""})
