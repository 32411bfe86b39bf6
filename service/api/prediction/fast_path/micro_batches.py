"""Answers what came by the short way, at the end of the turn of the event loop in which it came.

All bytes of a turn are read before its end, so a look at the registry then sees every change that any of them may
expect; and all rows for one version go through one forward pass.
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
from service.serving.row_reader import Rows
from service.serving.served_version import ServedVersion

SECURITY = b"".join(b"%s: %s\r\n" % header for header in SECURITY_HEADERS)
JSON_HEADERS = b"content-type: application/json\r\ncontent-length: %d\r\nfeedforward-version: %s\r\n"


class Connection(Protocol):
    """Where a request came from; it hears nothing else until it has been told one of these."""

    def answer(self, head: bytes, content: bytes) -> None:
        """Send a 200. `head` is what follows the status line and the server's own headers."""
        ...

    def pass_on(self) -> None:
        """Have the request go through the layers after all."""
        ...


class Asked(NamedTuple):
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
        self._notes = observer
        self._asked: list[Asked] = []

    def take(self, connection: Connection, data: bytes) -> bool:
        """Whether the bytes are one whole request that goes the short way; then the connection will hear of it."""
        head = self.heads.known.get(data[: data.find(b"\r\n\r\n") + 4])
        if head is None or len(data) != head.total:
            return False
        if not self._asked:
            asyncio.get_running_loop().call_soon(self._answer_all)
        self._asked.append(Asked(connection, head, data[head.length :], perf_counter()))
        return True

    def begins(self, data: bytes) -> bool:
        """Whether the bytes are a known head, and its body is still coming."""
        head = self.heads.known.get(data[: data.find(b"\r\n\r\n") + 4])
        return head is not None and len(data) < head.total

    def _answer_all(self) -> None:
        asked, self._asked = self._asked, []
        together: dict[ServedVersion, list[tuple[Asked, Rows]]] = {}
        for one in asked:
            try:
                is_taken = self._infer(one) if one.head.is_inference else self._read(one, together)
            except Exception:  # the layers come to the same, and tell it
                is_taken = False
            if not is_taken:
                one.connection.pass_on()
        for version, requests in together.items():
            self._predict(version, requests)

    def _infer(self, asked: Asked) -> bool:
        """Whether the request is answered."""
        head = asked.head
        assert head.model is not None
        version = self._turn.find_loaded(head.model, head.reference)
        answer = None if version is None else self._v2.infer_inline(version, asked.body, head.inference_head)
        if version is None or answer is None:
            return False
        content, headers = answer
        headers.append((b"content-length", b"%d" % len(content)))
        self._send(asked, version, b"".join([b"%s: %s\r\n" % header for header in headers]), content)
        return True

    def _read(self, asked: Asked, together: dict[ServedVersion, list[tuple[Asked, Rows]]]) -> bool:
        """Whether the request is answered, or its rows are put to those of others."""
        plain = plain_request(orjson.loads(asked.body), asked.head.model, asked.head.reference)
        version = None if plain is None else self._turn.find_loaded(plain.model, plain.reference)
        if plain is None or version is None:
            return False
        if plain.inputs is None:
            answer = self._predictor.predict_columns_inline(version, plain.columns)
            if answer is not None:
                self._tell(asked, version, answer)
            return answer is not None
        rows = self._predictor.read_rows(version, plain.inputs)
        if rows is None:
            return False
        if len(rows) > MOST_ROWS_TOGETHER:
            self._tell(asked, version, *self._turn.predict_batch(version, [rows]))
        else:
            together.setdefault(version, []).append((asked, rows))
        return True

    def _predict(self, version: ServedVersion, requests: list[tuple[Asked, Rows]]) -> None:
        try:
            answers = self._turn.predict_batch(version, [rows for _, rows in requests])
        except Exception:  # of one of them; the layers find which
            for asked, _ in requests:
                asked.connection.pass_on()
            return
        for (asked, _), answer in zip(requests, answers, strict=True):
            self._tell(asked, version, answer)

    def _tell(self, asked: Asked, version: ServedVersion, answer: bytes) -> None:
        self._send(asked, version, JSON_HEADERS % (len(answer), version.header[1]), answer)

    def _send(self, asked: Asked, version: ServedVersion, headers: bytes, content: bytes) -> None:
        request_id = new_request_id()
        asked.connection.answer(b"%s%sx-request-id: %s\r\n\r\n" % (headers, SECURITY, request_id.encode()), content)
        head = asked.head
        self._notes.predicted(head.path, head.route, version.header[1], request_id, perf_counter() - asked.begun)
