"""The outermost middleware: gives each request an id, turns exceptions into responses, and reports the outcome."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol

import uuid_utils
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.problem_responses import send_problem
from service.api.http.request_body import ClientLeft
from service.problems import InternalError, Problem, is_out_of_descriptors, too_many_open_files

Header = tuple[bytes, bytes]
CLIENT_LEFT = 499  # as nginx logs it; no client receives it
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_REQUEST_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


class RequestObserver(Protocol):
    """Observes each request: the log and the metrics."""

    def answered(self, scope: Scope, status: int, headers: Sequence[Header], seconds: float) -> None: ...

    def failed(self, scope: Scope, error: Exception) -> None: ...


class ResponseSender:
    """Sends a response with the headers that every response has, and keeps its status."""

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


class RequestLifecycle:
    def __init__(self, app: ASGIApp, observer: RequestObserver) -> None:
        self.app = app
        self.observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_at = time.perf_counter()
        headers = dict(scope["headers"])
        state = scope.setdefault("state", {})
        state["headers"] = headers
        state["request_id"] = request_id = request_id_of(headers)
        state["trace_id"] = trace_id_of(headers) if b"traceparent" in headers else None
        state["response"] = response = ResponseSender(send, request_id)
        try:
            await self.app(scope, receive, response.send)
        except Exception as error:
            await self._send_error(error, scope, response)
        self.observer.answered(scope, response.status, response.headers, time.perf_counter() - started_at)

    async def _send_error(self, error: Exception, scope: Scope, response: ResponseSender) -> None:
        """Send the problem. Raising it to the server would cut the connection and the client's next request."""
        if isinstance(error, ClientLeft):
            response.status = response.status or CLIENT_LEFT
            return
        problem = problem_of(error)
        if problem.status >= 500:
            self.observer.failed(scope, error)
        if response.status == 0:
            await send_problem(problem, scope, response.send)


def problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    return too_many_open_files() if is_out_of_descriptors(error) else InternalError(_ADVICE)


_ADVICE = "The server's log describes the error under this request's id. Sending the request again may help."


def request_id_of(headers: Mapping[bytes, bytes]) -> str:
    """The client's X-Request-ID if it is short and plain, else a new one."""
    request_id = headers.get(b"x-request-id")
    if request_id is not None and _REQUEST_ID.fullmatch(request_id):
        return request_id.decode()
    return new_request_id()


def new_request_id() -> str:
    return str(uuid_utils.uuid7())


def trace_id_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The id of the trace in the client's `traceparent`, if it is valid."""
    match = _TRACEPARENT.fullmatch(headers.get(b"traceparent", b""))
    return None if match is None else match.group(1).decode()
