"""The last response on a connection whose bytes can't be read as a request, or not any further."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from service.api.http.problem_responses import send_problem
from service.problems import Problem

# If a connection is closed while its client still sends, the client may lose the response.
LINGER_SECONDS = 1


class Refusal:
    """An ASGI application that responds with the problem, and ends a moment later or when `receive` returns."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._problem.headers["Connection"] = "close"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_problem(self._problem, scope, send, more_body=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                await receive()
        await send({"type": "http.response.body", "body": b""})
