"""Limits of request bodies by address: size, time and decompressed size, counted as the body arrives.

One timer watches all bodies, since a timer for each would cost a fifth of a small prediction.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.addresses import ADDRESSES, PREDICT, body_at, is_v2
from service.api.http.problem_responses import send_problem
from service.api.http.request_body import too_large, too_slow
from service.api.middleware.decompression import decompressed
from service.media_types import FORM, JSON
from service.problems import RequestTimeout, TooLarge
from service.settings import MEBIBYTE, Settings

WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}
SLOWEST_BYTES_PER_SECOND = 64 * 1024
LINGER_SECONDS, LINGER_BYTES = 5, 256 * MEBIBYTE
SMALL_BODY_BYTES = MEBIBYTE
Limit = tuple[int, str]
_JSON = JSON.encode()
ANY_LENGTH: Limit = (2**62, "")
TICK_SECONDS = 0.1


class BodyLimits:
    """Wraps `receive`: counts, times and decompresses. A rejection waits a little for the rest of the body."""

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
            receive = body.receive
            if b"content-encoding" in headers and not is_v2(scope["path"]):  # V2App decompresses bodies itself
                receive = decompressed(scope, receive, limit[0], lambda: too_large(*limit))
            await self.app(scope, receive, send)
        except (TooLarge, RequestTimeout) as problem:
            if scope["state"]["response"].status:  # a streamed response has begun and can only be cut
                raise
            problem.headers["Connection"] = "close"
            await send_problem(problem, scope, send, more_body=True)
            await body.linger()
            await send({"type": "http.response.body", "body": b""})


class CountedBody:
    """A body whose bytes and time are limited while it is received."""

    __slots__ = (
        "_bytes",
        "_deadlines",
        "_is_complete",
        "_limit",
        "_receive",
        "_started_at",
        "_timeout",
        "is_late",
        "task",
    )

    def __init__(self, receive: Receive, limit: Limit, timeout_seconds: float, deadlines: Deadlines) -> None:
        self._receive = receive
        self._limit = limit
        self._timeout = timeout_seconds
        self._deadlines = deadlines
        self._started_at = time.monotonic()
        self._bytes = 0
        self._is_complete = False
        self.task: asyncio.Task[object] | None = None
        self.is_late = False

    @property
    def deadline(self) -> float:
        return self._started_at + self._timeout + self._bytes / SLOWEST_BYTES_PER_SECOND

    async def receive(self) -> Message:
        if self._is_complete:
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
        self._is_complete = not message.get("more_body", False)
        if self._bytes > self._limit[0]:
            raise too_large(*self._limit)
        return message

    async def linger(self) -> None:
        """Read what still arrives, so that the client reads the response before its connection is cut."""
        limit_bytes = self._bytes + LINGER_BYTES
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._is_complete and self._bytes < limit_bytes:
                    message = await self._receive()
                    self._bytes += len(message.get("body", b""))
                    self._is_complete = not message.get("more_body", False)
        except TimeoutError:
            return


class Sizes:
    """The largest body of each address, by its row in the table of addresses."""

    def __init__(self, settings: Settings) -> None:
        bodies = {address.body for address in ADDRESSES}
        names = {name for body in bodies for name in (body.setting, body.form_setting) if name is not None}
        self._limits: dict[str | None, Limit] = {
            name: (getattr(settings, name), f"FEEDFORWARD_{name.upper()}") for name in names
        }
        self._limits[None] = SMALL_BODY_BYTES, ""
        self._prediction = self._limits[PREDICT.body.setting]

    def of(self, path: str, headers: Mapping[bytes, bytes]) -> Limit:
        content_type = headers.get(b"content-type", b"")
        if path == PREDICT.template and content_type == _JSON:
            return self._prediction
        body = body_at(path)
        media_type = content_type.partition(b";")[0].strip().lower().decode("latin-1")
        if media_type in body.streamed:
            return ANY_LENGTH
        return self._limits[body.form_setting if body.form_setting and media_type == FORM else body.setting]


class PendingBody(Protocol):
    """A body that a task is waiting for; `deadline` is on the monotonic clock."""

    task: asyncio.Task[object] | None
    is_late: bool

    @property
    def deadline(self) -> float: ...


class Deadlines:
    """Interrupts tasks that have waited too long for a piece of a body. Used by one event loop."""

    def __init__(self) -> None:
        self.waiting: set[PendingBody] = set()
        self._ticking = False
        self._loop: asyncio.AbstractEventLoop  # looked up once a tick, since that costs a system call

    def watch(self, body: PendingBody) -> None:
        """Watch the body for the current task."""
        if not self._ticking:
            self._ticking = True
            self._loop = asyncio.get_running_loop()
            self._loop.call_later(TICK_SECONDS, self._tick)
        body.task = asyncio.current_task(self._loop)
        self.waiting.add(body)

    def _tick(self) -> None:
        now = time.monotonic()
        for body in [body for body in self.waiting if body.deadline < now]:
            if body.task is not None and not body.is_late:
                body.is_late = True
                body.task.cancel()
        self._ticking = bool(self.waiting)
        if self._ticking:
            self._loop.call_later(TICK_SECONDS, self._tick)
