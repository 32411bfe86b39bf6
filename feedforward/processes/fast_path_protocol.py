"""uvicorn's connection, with a fast path for predictions: no ASGI task, and for known heads no parsing.

Anything unusual goes through uvicorn and all layers: a head not seen before, a body that arrives slowly, requests sent
before the last was answered, a client that reads slowly, a connection that will be closed. The other half of the fast
path is `service/api/prediction/fast_path/`; FEEDFORWARD_FAST_PATH=false turns both off.
"""

from __future__ import annotations

from asyncio import TimerHandle
from typing import Any, cast

from feedforward.processes.guarded_connection import GuardedConnection
from service.api.prediction.fast_path.micro_batches import MicroBatches

STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
# After this many heads that the fast path cannot learn, a connection's heads are no longer looked up.
MOST_STRANGE_HEADS = 16
# Many clients send the body in a packet of its own right after the head, so a moment's wait pays.
BODY_FOLLOWS_SECONDS = 0.002
# Below this size, one copied buffer costs less than writing two.
SMALLEST_WRITTEN_APART = 8 * 1024


class FastPathProtocol(GuardedConnection):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._fast_path: MicroBatches = self._application.micro_batches
        self._is_between = self.limit_concurrency is None  # two requests, as far as the parser knows
        self._strange_heads = 0
        self._new_head: bytes | None = None
        self._begun = b""  # a known head and a part of its body, until the moment is over
        self._moment: TimerHandle | None = None
        self._pending: bytes | None = None  # the request that the fast path is answering
        self._behind = b""  # the bytes that followed it

    def data_received(self, data: bytes) -> None:
        if self._pending is not None:
            self.flow.pause_reading()
            self._behind += data
            return
        if self._begun:
            data = self._begun + data
        if self._may_take_fast_path():
            if self._fast_path.take(self, data):
                self._pending = data
                self._end_moment()
                return
            if self._fast_path.begins(data):
                self._wait_a_moment(data)
                return
            end = data.find(b"\r\n\r\n")
            self._new_head = None if end < 0 else data[: end + 4]
        self._end_moment()
        super().data_received(data)
        self._new_head = None

    def _wait_a_moment(self, data: bytes) -> None:
        """The same moment for all pieces of a body, so that nobody can stretch it."""
        self._begun = data
        if self._moment is None:
            self._moment = self.loop.call_later(BODY_FOLLOWS_SECONDS, self._let_go)

    def _let_go(self) -> None:
        data = self._begun
        self._end_moment()
        super().data_received(data)

    def _end_moment(self) -> None:
        self._begun = b""
        if self._moment is not None:
            self._moment.cancel()
            self._moment = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_moment()
        super().connection_lost(exc)

    def _may_take_fast_path(self) -> bool:
        """Whether a request may begin here, with none before it unanswered, and its answer be written at once."""
        if not self._is_between or self._strange_heads >= MOST_STRANGE_HEADS or self.flow.write_paused:
            return False
        return self.cycle is None or self.cycle.response_complete

    def on_message_begin(self) -> None:
        self._is_between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        head, self._new_head = self._new_head, None
        if head and self.cycle.keep_alive:
            self._strange_heads += not self._fast_path.heads.learn(head, cast(dict[str, Any], self.scope))

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if not self.parser.should_upgrade():
            self._is_between = self.parser.should_keep_alive() and self.limit_concurrency is None

    def answer(self, head: bytes, content: bytes) -> None:
        self._pending = None
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        server_headers = b"".join([b"%s: %s\r\n" % header for header in self.server_state.default_headers])
        if self._is_ending:
            self.transport.write(b"%s%sconnection: close\r\n%s%s" % (STATUS_LINE, server_headers, head, content))
            self.transport.close()
            return
        if len(content) < SMALLEST_WRITTEN_APART:
            self.transport.write(b"%s%s%s%s" % (STATUS_LINE, server_headers, head, content))
        else:
            self.transport.writelines((b"%s%s%s" % (STATUS_LINE, server_headers, head), content))
        self._last_activity, self._without_progress = self.loop.time(), 0
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        self._go_on()

    def pass_on(self) -> None:
        data, self._pending = self._pending, None
        if data is None or self.transport.is_closing():
            return
        super().data_received(data)
        if self._is_ending:
            super().shutdown()
        self._go_on()

    def _go_on(self) -> None:
        if self._behind:
            self.flow.resume_reading()
            data, self._behind = self._behind, b""
            self.data_received(data)
        self._close_after_last_response()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn never keeps it open
        return not self._begun and super().eof_received()

    def idle_since(self) -> float | None:
        return None if self._is_on_fast_path() else super().idle_since()

    def is_quiet(self) -> bool:
        return not self._is_on_fast_path() and super().is_quiet()

    def _is_on_fast_path(self) -> bool:
        return self._pending is not None or bool(self._begun)

    def timeout_keep_alive_handler(self) -> None:
        """One timer serves many requests of the fast path: it checks how long the connection has been idle."""
        left = self._last_activity + self.timeout_keep_alive - self.loop.time()
        if left > 0 or self._is_on_fast_path():
            self.timeout_keep_alive_task = self.loop.call_later(max(left, 0.1), self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()
