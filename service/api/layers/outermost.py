"""The outermost layer: gives each request its id, answers whatever is raised, and notes how it went."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Sequence
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.bodies import ClientLeft
from service.api.layers.request_ids import request_id_of, trace_id_of
from service.api.problem_documents import send_problem
from service.problems import InternalError, Problem

Header = tuple[bytes, bytes]
CLIENT_LEFT = 499  # as nginx notes it; nobody reads it
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Notes(Protocol):
    """Who is told of each request: the log and the metrics."""

    def answered(self, scope: Scope, status: int, headers: Sequence[Header], seconds: float) -> None: ...

    def failed(self, scope: Scope, error: Exception) -> None: ...


class Answer:
    """Sends an answer, with the headers that every answer has; knows how far it got."""

    __slots__ = ("_request_id", "_send", "headers", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self.status = 0
        self.headers: Sequence[Header] = ()
        self._send = send
        self._request_id = request_id

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = message.get("headers", ())
            message["headers"] = [*self.headers, *SECURITY_HEADERS, (b"x-request-id", self._request_id.encode())]
        return self._send(message)


class Outermost:
    def __init__(self, app: ASGIApp, notes: Notes) -> None:
        self.app = app
        self.notes = notes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        headers = dict(scope["headers"])
        state = scope.setdefault("state", {})
        state["headers"] = headers
        state["request_id"] = request_id = request_id_of(headers)
        state["trace_id"] = trace_id_of(headers) if b"traceparent" in headers else None
        state["answer"] = answer = Answer(send, request_id)
        try:
            await self.app(scope, receive, answer.send)
        except Exception as error:
            await self._answer_error(error, scope, answer)
        self.notes.answered(scope, answer.status, answer.headers, time.perf_counter() - begun)

    async def _answer_error(self, error: Exception, scope: Scope, answer: Answer) -> None:
        """Nothing is raised further: the server would cut the connection, and the caller's next request with it."""
        if isinstance(error, ClientLeft):
            answer.status = answer.status or CLIENT_LEFT
            return
        problem = error if isinstance(error, Problem) else InternalError(_ADVICE)
        if problem.status >= 500:
            self.notes.failed(scope, error)
        if answer.status == 0:
            await send_problem(problem, scope, answer.send)


_ADVICE = "The server's log says what happened, under this request's id. Sending it again may help, or may not."
