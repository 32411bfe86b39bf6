"""No body is larger, slower or more inflated than its address takes; counted as it arrives."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.bodies import too_large, too_slow
from service.api.layers.inflating import inflated
from service.api.problem_documents import is_v2, send_problem
from service.problems import RequestTimeout, TooLarge
from service.settings import MEBIBYTE, Settings

SMALL_BODY_BYTES = MEBIBYTE
SLOWEST_BYTES_PER_SECOND = 64 * 1024
LINGER_SECONDS, LINGER_BYTES = 5, 256 * MEBIBYTE

_PREDICT = re.compile(r"/v2(/.*)?|/(.+/)?predict|/models/[^/]+/versions/[^/]+/evaluate")
_TRAIN = re.compile(r"/train|/models/[^/]+/versions/[^/]+/retrain")
_UPLOAD = re.compile(r"/datasets|/models/[^/]+/versions")

Limit = tuple[int, str]


def limit_for(settings: Settings) -> Callable[[Scope], Limit]:
    """How many bytes an address takes, and the setting that raises it."""

    def limit(scope: Scope) -> Limit:
        path = scope["path"]
        if _PREDICT.fullmatch(path):
            return settings.max_predict_bytes, "FEEDFORWARD_MAX_PREDICT_BYTES"
        if _UPLOAD.fullmatch(path) or (_TRAIN.fullmatch(path) and _is_form(scope)):
            return settings.max_upload_bytes, "FEEDFORWARD_MAX_UPLOAD_BYTES"
        if _TRAIN.fullmatch(path):
            return settings.max_train_bytes, "FEEDFORWARD_MAX_TRAIN_BYTES"
        return SMALL_BODY_BYTES, ""

    return limit


def _is_form(scope: Scope) -> bool:
    return any(name == b"content-type" and value.lower().startswith(b"multipart/") for name, value in scope["headers"])


class BodyLimits:
    """Wraps `receive`: counts, times and inflates. An answer over an unread body waits a little for its sender."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.limit_for = limit_for(settings)
        self.timeout_seconds = settings.body_timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        body = CountedBody(receive, *self.limit_for(scope), self.timeout_seconds)
        try:
            body.check_length(scope)
            await self.app(scope, body.inflated(scope), send)
        except (TooLarge, RequestTimeout) as problem:
            problem.headers["Connection"] = "close"
            await send_problem(problem, scope, send, more_body=True)
            await body.linger()
            await send({"type": "http.response.body", "body": b""})


class CountedBody:
    def __init__(self, receive: Receive, limit_bytes: int, setting: str, timeout_seconds: float) -> None:
        self._receive = receive
        self._limit = limit_bytes, setting
        self._timeout = timeout_seconds
        self._begun = asyncio.get_running_loop().time()
        self._bytes = 0
        self._ended = False

    def check_length(self, scope: Scope) -> None:
        """Raises TooLarge when the declared length is; what is sent is counted all the same."""
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > self._limit[0]:
                raise too_large(*self._limit)

    def inflated(self, scope: Scope) -> Receive:
        """The body without its Content-Encoding. The V2 protocol's handler inflates by itself."""
        if is_v2(scope):
            return self.receive
        return inflated(scope, self.receive, self._limit[0], lambda: too_large(*self._limit))

    async def receive(self) -> Message:
        if self._ended:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline()):
                message = await self._receive()
        except TimeoutError:
            raise too_slow(self._timeout) from None
        self._count(message)
        return message

    def _deadline(self) -> float:
        return self._begun + self._timeout + self._bytes / SLOWEST_BYTES_PER_SECOND

    def _count(self, message: Message) -> None:
        self._bytes += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self._bytes > self._limit[0]:
            raise too_large(*self._limit)

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
