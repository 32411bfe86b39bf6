"""uvicorn's connection, with limits to what it reads before it knows what is asked.

A head, trailers, and all else that is neither a head's end nor a piece of a body, are bounded in bytes and in lines;
what breaks the limits, or is no HTTP, is answered with a problem behind the answers that are still due. `Upgrade` is
ignored, and trailers are no headers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, Literal, cast

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from feedforward.processes.connection_limits import ConnectionLimits
from feedforward.processes.head_checks import (
    check_protocol,
    check_single_headers,
    check_transfer_encoding,
    expect_head,
    expect_trailers,
    heed_target_authority,
)
from feedforward.processes.ignored_upgrades import EventsBehindHead, head_without_upgrade
from feedforward.processes.unread_answers import UnreadAnswers
from service.api.http.refusals import Refusal
from service.app import Application
from service.media_types import EVENT_STREAM
from service.problems import (
    BadRequest,
    HeadTooLarge,
    MethodNotAllowed,
    Problem,
    RequestTimeout,
    Unavailable,
)

LARGEST_HEAD, MOST_LINES = 64 * 1024, 100
# So small that what follows a body in one piece with its end is hardly more than the limit.
LARGEST_PIECE = 8 * 1024
MOST_AFTER_REFUSAL = 1024 * 1024
# Requests that wait for the answer to another one; each costs some kilobytes, and a few bytes of its client.
MOST_WAITING = 16
# A client that keeps its connection may have sent its next request just before it learns that the server ends.
LAST_REQUEST_SECONDS = 0.5
METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


class PipelineFlow(FlowControl):
    """Reads nothing while requests wait: the one that is answered then has its body, and asks for no more of it."""

    def __init__(self, transport: asyncio.Transport, waiting: deque[Any]) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class BodyEvent(asyncio.Event):
    """Set when more of a request's body has come, or nothing more will come."""

    is_awaited = False

    async def wait(self) -> Literal[True]:
        self.is_awaited = True
        try:
            return await super().wait()
        finally:
            self.is_awaited = False


class GuardedConnection(HttpToolsProtocol):
    def __init__(self, *arguments: Any, limits: ConnectionLimits, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.is_in_head = False
        self._application = cast(Application, self.config.app)
        self._limits = limits
        self._last_activity = 0.0  # when it connected, began a head or had its last answer
        self._last_bytes = 0.0  # when its client sent some
        self._answered: RequestResponseCycle | None = None  # the request that is being answered, or was last
        self._is_in_body = False
        self._lines = 0  # of this head, or of these trailers
        self._without_progress = 0  # bytes since a head's end or a piece of a body
        self._has_progress = False
        self._unparsed = b""  # what came behind too many waiting requests
        self._is_refused = False
        self._after_refusal = 0  # bytes
        self._is_ending = False
        self._is_half_closed = False  # its client sends nothing more, but reads on
        self._head = bytearray()  # of this request, until its end
        self._last_three = b""  # bytes parsed
        self._body_left = 0  # bytes of a body whose length its head gives

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self.flow = PipelineFlow(transport, self.pipeline)
        self._unread_answers = UnreadAnswers(transport)
        self._last_activity = self.loop.time()
        if not self._limits.add(self):
            self.app = self._refusing(Unavailable("All connections are in use.", headers={"Retry-After": "1"}))

    def connection_lost(self, exc: Exception | None) -> None:
        self._limits.discard(self)
        if self._answered is not None:  # uvicorn tells it to the last request that came
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def resume_writing(self) -> None:
        self._unread_answers.note_progress()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        self._last_bytes = self.loop.time()
        if self._unparsed:
            data, self._unparsed = self._unparsed + data, b""
        place = 0
        while place < len(data) and self._goes_on():
            size = min(LARGEST_PIECE, LARGEST_HEAD - self._without_progress)
            if size > 0:
                place += self._parse(self._one_request_of(data[place : place + size]))
            else:
                self._refuse(head_too_large())
        if self._is_refused:
            self._skip(len(data) - place)
        else:
            self._unparsed = data[place:]

    def _goes_on(self) -> bool:
        return not self._is_refused and len(self.pipeline) < MOST_WAITING and not self.transport.is_closing()

    def _one_request_of(self, piece: bytes) -> bytes:
        """The piece up to where another request may begin: at a body's length, or behind an empty line."""
        if self._body_left:
            return piece[: self._body_left]
        end = (self._last_three + piece).find(b"\r\n\r\n")
        return piece if end < 0 else piece[: end + 4 - len(self._last_three)]

    def _parse(self, piece: bytes) -> int:
        """How many of the bytes were parsed."""
        self._has_progress = False
        parsed = len(piece)
        self._head += piece
        try:
            parsed = self._feed(piece)
        except httptools.HttpParserError as error:
            self._refuse(problem_of(error))
        self._without_progress = 0 if self._has_progress else self._without_progress + parsed
        self._last_three = piece[:parsed][-3:]
        if not self.is_in_head:
            self._head.clear()
        return parsed

    def _feed(self, piece: bytes) -> int:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade()
            return cast(int, upgrade.args[0])
        return len(piece)

    def _ignore_upgrade(self) -> None:
        events = EventsBehindHead(self)
        self.parser = events.parser
        events.parse_known_head(head_without_upgrade(self.scope["http_version"], self.headers))
        if self._is_in_body:
            expect_trailers(self.parser)

    def on_message_begin(self) -> None:
        self._unset_keepalive_if_required()
        self.is_in_head = True
        self._last_activity = self.loop.time()
        self._lines = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._lines += 1
        if self._lines > MOST_LINES:
            raise head_too_large()
        if self.is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.get_method() == b"CONNECT":
            raise MethodNotAllowed("This server is not a proxy. Request a path on it.", headers={"Allow": METHODS})
        self._check_head()
        super().on_headers_complete()
        self.cycle.message_event = BodyEvent()
        if self._is_ending:
            self.cycle.keep_alive = False
        self._unset_keepalive_if_required()
        self._has_progress = True
        self._lines = 0
        self._body_left = int(dict(self.headers).get(b"content-length", 0))
        self.is_in_head, self._is_in_body = False, True
        expect_trailers(self.parser)

    def _check_head(self) -> None:
        check_protocol(self._head)
        check_single_headers(self.headers)
        check_transfer_encoding(self.headers)
        heed_target_authority(self.url, self.headers)

    def on_body(self, body: bytes) -> None:
        self._has_progress = True
        self._body_left = max(self._body_left - len(body), 0)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():  # the parser takes the head for all there is
            return
        self._is_in_body = False
        expect_head(self.parser)
        super().on_message_complete()
        if not self.parser.should_keep_alive():
            self._close_after_response()

    def _close_after_response(self) -> None:
        """The parser reads nothing more: of a head the cycle knows that already, of a trailer it does not."""
        self.cycle.keep_alive = False
        if self.cycle.response_complete:
            self.transport.close()

    def on_response_complete(self) -> None:
        self._last_activity = self.loop.time()
        super().on_response_complete()
        if self._unparsed:
            self.data_received(b"")
        self._close_after_last_response()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn never keeps it open
        """Whether the connection stays open, for the answers to all requests that came whole."""
        self._is_half_closed = True
        if self._is_in_body and not self.pipeline:
            return False
        if self._is_in_body:
            self._withdraw_request()
            self._is_in_body = False
        if self._is_refused:
            self.cycle.message_event.set()  # nothing is left to skip
        return not self.is_quiet()

    def _close_after_last_response(self) -> None:
        if self._is_half_closed and self.is_quiet():
            self.transport.close()

    def is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def idle_since(self) -> float | None:
        if self.is_answering() or self.transport.get_write_buffer_size():
            return None
        return self._last_activity

    def stalled_since(self) -> float | None:
        return self._unread_answers.stalled_since(self.loop.time())

    def waiting_since(self) -> float | None:
        answered = self._answered
        if answered is None or not answered.more_body or answered.body:
            return None
        event = answered.message_event
        is_waiting = isinstance(event, BodyEvent) and event.is_awaited and not event.is_set()
        return self._last_bytes if is_waiting else None

    def following_since(self) -> float | None:
        is_following = self.is_answering() and self._answered is not None and sends_events(self._answered.scope)
        return self._last_bytes if is_following else None

    def is_quiet(self) -> bool:
        """Whether no request is being answered."""
        return not self.is_answering()

    def shutdown(self) -> None:
        """Answer what was sent, with `Connection: close`; where nothing was sent, wait a moment for it."""
        self._is_ending = True
        if self.is_answering():
            super().shutdown()
        else:
            self.loop.call_later(LAST_REQUEST_SECONDS, self._end_if_quiet)

    def _end_if_quiet(self) -> None:
        if self.is_quiet():
            self.transport.close()

    def drop(self) -> None:
        self.transport.abort()

    def refuse_slow_head(self) -> None:
        self._refuse(RequestTimeout("The request's headers took too long to arrive. Send them without pauses."))

    def _refuse(self, problem: Problem) -> None:
        """When all before it is answered, answer with the problem in place of the request that it is of, and close."""
        self._is_refused = True
        if self._is_in_body and self.cycle.response_started:
            self.transport.close()
            return
        headers, url = (self.headers, self.url) if self.is_in_head or self._is_in_body else ([], b"")
        if self._is_in_body:
            self._withdraw_request()
        super().on_message_begin()
        self.headers.extend(headers)
        self.url = url if self._is_in_body else b"/"
        self.app = self._refusing(problem)
        super().on_headers_complete()
        if not url:  # nor a method
            self.scope["method"] = "GET"
        self.is_in_head = self._is_in_body = False

    def _withdraw_request(self) -> None:
        """The last one, whose body was still coming: its application hears that the client has left."""
        withdrawn = self.cycle
        withdrawn.disconnected = True
        withdrawn.message_event.set()
        if self.pipeline:
            self.pipeline.popleft()
        last = self.pipeline[0][0] if self.pipeline else self._answered
        self.cycle = None if last is withdrawn else last  # type: ignore[assignment]  # None as before the first request

    def _refusing(self, problem: Problem) -> Any:
        return self._application.outermost(Refusal(problem))

    def _skip(self, size: int) -> None:
        self._after_refusal += size
        if self._after_refusal > MOST_AFTER_REFUSAL and not self.transport.is_closing():
            self.flow.pause_reading()
            self.cycle.message_event.set()


def sends_events(scope: Mapping[str, Any]) -> bool:
    """Whether the response to this request has begun as a stream of events."""
    response = scope["state"].get("response")
    headers = () if response is None else response.headers
    return any(name == b"content-type" and value.startswith(EVENT_STREAM.encode()) for name, value in headers)


def head_too_large() -> HeadTooLarge:
    return HeadTooLarge(
        f"Send at most {LARGEST_HEAD:,} bytes and {MOST_LINES} header lines before the body, and as trailers after it."
    )


def problem_of(error: httptools.HttpParserError) -> Problem:
    """The problem that was raised while the parser called, or what the parser itself has found."""
    if isinstance(error.__context__, Problem):
        return error.__context__
    is_callback = isinstance(error, httptools.HttpParserCallbackError)
    reason = "its address is not valid" if is_callback else str(error)
    return BadRequest(f"The bytes received cannot be read as an HTTP request: {reason}.")
