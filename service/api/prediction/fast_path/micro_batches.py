"""Answers requests on the fast path at the end of the iteration of the event loop in which they arrived.

All bytes of an iteration are read before its end, so a look at the registry then sees every change that any of them
may expect; and all rows for one version go through one forward pass.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import NamedTuple, Protocol

import orjson

from service.api.middleware.request_lifecycle import SECURITY_HEADERS, new_request_id
from service.api.operations.access_log import AccessLog
from service.api.prediction.fast_path.request_heads import KnownHead, KnownHeads
from service.api.prediction.open_inference import V2App
from service.api.prediction.predict import plain_request
from service.serving.predictor import MOST_ROWS_TOGETHER, Predictor
from service.serving.reading.row_reader import Rows
from service.serving.served_version import ServedVersion

SECURITY = b"".join(b"%s: %s\r\n" % header for header in SECURITY_HEADERS)
JSON_HEADERS = b"content-type: application/json\r\ncontent-length: %d\r\nfeedforward-version: %s\r\n"


class Connection(Protocol):
    """Where a request came from. Exactly one of these is called for each request."""

    def answer(self, head: bytes, content: bytes) -> None:
        """Send a 200. `head` is what follows the status line and the server's own headers."""
        ...

    def pass_on(self) -> None:
        """Send the request through the middleware after all."""
        ...


class FastRequest(NamedTuple):
    connection: Connection
    head: KnownHead
    body: bytes
    begun: float


class MicroBatches:
    """One for each API process; used by its event loop's thread alone."""

    def __init__(self, predictor: Predictor, v2: V2App, heads: KnownHeads, observer: AccessLog) -> None:
        self.heads = heads
        self._predictor = predictor
        self._turn = predictor.turn
        self._v2 = v2
        self._access_log = observer
        self._waiting: list[FastRequest] = []

    def take(self, connection: Connection, data: bytes) -> bool:
        """Whether the bytes are one whole request for the fast path; then its connection is called later."""
        head = self.heads.known.get(data[: data.find(b"\r\n\r\n") + 4])
        if head is None or len(data) != head.total:
            return False
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._answer_all)
        self._waiting.append(FastRequest(connection, head, data[head.length :], perf_counter()))
        return True

    def begins(self, data: bytes) -> bool:
        """Whether the bytes are a known head, and its body is still coming."""
        head = self.heads.known.get(data[: data.find(b"\r\n\r\n") + 4])
        return head is not None and len(data) < head.total

    def _answer_all(self) -> None:
        requests, self._waiting = self._waiting, []
        batches: dict[ServedVersion, list[tuple[FastRequest, Rows]]] = {}
        for request in requests:
            try:
                is_handled = self._infer(request) if request.head.is_inference else self._read(request, batches)
            except Exception:  # raised again by the middleware's way, which reports it
                is_handled = False
            if not is_handled:
                request.connection.pass_on()
        for version, batch in batches.items():
            self._predict(version, batch)

    def _infer(self, request: FastRequest) -> bool:
        """Whether the request is answered."""
        head = request.head
        assert head.model is not None
        version = self._turn.find_loaded(head.model, head.reference)
        answer = None if version is None else self._v2.infer_inline(version, request.body, head.inference_head)
        if version is None or answer is None:
            return False
        content, headers = answer
        headers.append((b"content-length", b"%d" % len(content)))
        self._send(request, version, b"".join([b"%s: %s\r\n" % header for header in headers]), content)
        return True

    def _read(self, request: FastRequest, batches: dict[ServedVersion, list[tuple[FastRequest, Rows]]]) -> bool:
        """Whether the request is answered, or its rows are added to a batch."""
        plain = plain_request(orjson.loads(request.body), request.head.model, request.head.reference)
        version = None if plain is None else self._turn.find_loaded(plain.model, plain.reference)
        if plain is None or version is None:
            return False
        if plain.inputs is None:
            answer = self._predictor.predict_columns_inline(version, plain.columns)
            if answer is not None:
                self._send_json(request, version, answer)
            return answer is not None
        rows = self._predictor.read_rows(version, plain.inputs)
        if rows is None:
            return False
        if len(rows) > MOST_ROWS_TOGETHER:
            self._send_json(request, version, *self._turn.predict_batch(version, [rows]))
        else:
            batches.setdefault(version, []).append((request, rows))
        return True

    def _predict(self, version: ServedVersion, batch: list[tuple[FastRequest, Rows]]) -> None:
        try:
            answers = self._turn.predict_batch(version, [rows for _, rows in batch])
        except Exception:  # by one of them; the middleware's way finds which
            for request, _ in batch:
                request.connection.pass_on()
            return
        for (request, _), answer in zip(batch, answers, strict=True):
            self._send_json(request, version, answer)

    def _send_json(self, request: FastRequest, version: ServedVersion, answer: bytes) -> None:
        self._send(request, version, JSON_HEADERS % (len(answer), version.header[1]), answer)

    def _send(self, request: FastRequest, version: ServedVersion, headers: bytes, content: bytes) -> None:
        request_id = new_request_id()
        request.connection.answer(b"%s%sx-request-id: %s\r\n\r\n" % (headers, SECURITY, request_id.encode()), content)
        head = request.head
        self._access_log.predicted(head.path, head.route, version.header[1], request_id, perf_counter() - request.begun)
