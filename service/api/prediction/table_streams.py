"""Predictions of tables: CSV, NDJSON and Arrow streams of any length. Accept chooses the response's format."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from starlette.types import Receive, Scope, Send

from service.api.http.content_negotiation import choose_offered
from service.api.http.request_body import ClientLeft
from service.api.prediction.query import extra_columns_of, query_of
from service.media_types import CSV, CSV_NAMES, NDJSON, NDJSON_NAMES
from service.problems import InvalidInput, Problem, input_error
from service.serving.predictor import Predictor
from service.serving.served_version import ServedVersion
from service.serving.streams.output_formats import OUTPUT_FORMATS
from service.serving.streams.spool import PulledBody, Spool
from service.serving.streams.stream import predict_stream, problem_line

THREADS = 16
PARAMETERS = ("model", "version", "key", "extra_columns")


class TableStreams:
    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="predict-stream")

    async def answer(
        self, kind: str, model: str | None, reference: str | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Raises NotFound, Gone, NotAcceptable, InvalidInput, UnreadableBody and ClientLeft."""
        accept = scope["state"]["headers"].get(b"accept", b"").decode("latin-1")
        query = query_of(scope, PARAMETERS if model is None else PARAMETERS[2:])
        if model is None and "model" not in query:
            message = "a table needs its model in the address: /predict?model=iris or /models/iris/predict"
            raise InvalidInput(message, errors=[input_error(["query", "model"], "missing", message)])
        own = NDJSON if kind in NDJSON_NAMES else CSV if kind in CSV_NAMES else kind
        answered = choose_offered(accept, [own, *(form for form in OUTPUT_FORMATS if form != own)])
        version = await self._predictor.find_version(
            model or query["model"],
            reference or query.get("version"),
            query.get("key"),
            scope["state"]["request_id"],
            extra_columns_of(query),
        )
        await self._stream(version, kind, answered, receive, send)

    async def _stream(self, version: ServedVersion, kind: str, answered: str, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        spool = Spool(loop)
        body = PulledBody(loop, _Pieces(receive).next)
        work = loop.run_in_executor(self._threads, predict_stream, version, kind, body, answered, spool)
        work.add_done_callback(lambda _: spool.release())
        try:
            await _Sending(version, answered, spool, send).follow(work)
        finally:
            await asyncio.wait([work])
            spool.close()


class _Sending:
    """Sends the response, never cut within a piece, however the prediction ends."""

    def __init__(self, version: ServedVersion, answered: str, spool: Spool, send: Send) -> None:
        self._head = [(b"content-type", answered.encode()), version.header]
        self._answered = answered
        self._spool = spool
        self._send = send
        self._has_begun = False

    async def follow(self, work: asyncio.Future[None]) -> None:
        """Send what is released until the work has ended. Raises its problem unless the stream itself can carry it."""
        while not work.done():
            await self._spool.released()
            if not work.done():
                await self._send_written()
        problem = work.exception()
        if isinstance(problem, Problem) and self._has_begun and self._answered == NDJSON:
            self._spool.write(problem_line(problem))
        elif problem is not None:
            raise problem
        await self._send_written()
        await self._send({"type": "http.response.body", "body": b""})

    async def _send_written(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": self._head})
        while piece := self._spool.take():
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})


class _Pieces:
    """A body piece by piece; b"" is its end, after which `next` is not called."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more_comes = True

    async def next(self) -> bytes:
        """Raises ClientLeft."""
        while self._more_comes:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            self._more_comes = message.get("more_body", False)
            if piece := message.get("body", b""):
                return bytes(piece)
        return b""
