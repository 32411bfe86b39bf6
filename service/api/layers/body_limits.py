"""No body is larger, slower or more inflated than its address takes; counted as it arrives."""

from __future__ import annotations

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.bodies import too_large, too_slow
from service.api.layers.body_deadlines import Deadlines
from service.api.layers.body_sizes import Limit, Sizes
from service.api.layers.inflating import inflated
from service.api.problem_documents import is_v2, send_problem
from service.problems import RequestTimeout, TooLarge
from service.settings import MEBIBYTE, Settings

WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}
SLOWEST_BYTES_PER_SECOND = 64 * 1024
LINGER_SECONDS, LINGER_BYTES = 5, 256 * MEBIBYTE


class BodyLimits:
    """Wraps `receive`: counts, times and inflates. An answer over an unread body waits a little for its sender."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.sizes = Sizes(settings)
        self.timeout_seconds = settings.body_timeout_seconds
        self.deadlines = Deadlines()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in WITHOUT_BODY:
            await self.app(scope, receive, send)
            return
        headers = scope["state"]["headers"]
        limit = self.sizes.of(scope["path"], headers)
        body = CountedBody(receive, limit, self.timeout_seconds, self.deadlines)
        try:
            if int(headers.get(b"content-length", 0)) > limit[0]:
                raise too_large(*limit)
            read: Receive = body.receive
            if b"content-encoding" in headers and not is_v2(scope):  # the V2 protocol's handler inflates by itself
                read = inflated(scope, body.receive, limit[0], lambda: too_large(*limit))
            await self.app(scope, read, send)
        except (TooLarge, RequestTimeout) as problem:
            if scope["state"]["answer"].status:  # a stream of answers was under way; it can only be cut
                raise
            problem.headers["Connection"] = "close"
            await send_problem(problem, scope, send, more_body=True)
            await body.linger()
            await send({"type": "http.response.body", "body": b""})


class CountedBody:
    __slots__ = ("_begun", "_bytes", "_deadlines", "_ended", "_limit", "_receive", "_timeout", "is_late", "task")

    def __init__(self, receive: Receive, limit: Limit, timeout_seconds: float, deadlines: Deadlines) -> None:
        self._receive = receive
        self._limit = limit
        self._timeout = timeout_seconds
        self._deadlines = deadlines
        self._begun = time.monotonic()
        self._bytes = 0
        self._ended = False
        self.task: asyncio.Task[object] | None = None
        self.is_late = False

    @property
    def deadline(self) -> float:
        return self._begun + self._timeout + self._bytes / SLOWEST_BYTES_PER_SECOND

    async def receive(self) -> Message:
        if self._ended:
            return await self._receive()
        self._deadlines.watch(self)
        try:
            message = await self._receive()
        except asyncio.CancelledError:
            if self.is_late and self.task is not None and self.task.uncancel() == 0:
                raise too_slow(self._timeout) from None
            raise
        finally:
            self._deadlines.waiting.discard(self)
        self._bytes += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self._bytes > self._limit[0]:
            raise too_large(*self._limit)
        return message

    async def linger(self) -> None:
        """Take what still comes, so that the client reads the answer before its connection is cut."""
        left = LINGER_BYTES
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._ended and left > 0:
                    message = await self._receive()
                    left -= len(message.get("body", b""))
                    self._ended = not message.get("more_body", False)
        except TimeoutError:
            return
