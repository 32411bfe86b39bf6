"""Connections to PostgreSQL that do not wait for a response that will never come.

A cut network reports nothing. A connection that has received nothing for a while has the server probed: one thread
opens a new connection. Only if the probe gets no response either do all waiting connections give up, and new ones fail
at once until the server responds again. A statement that merely takes long is left alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout
from sqlalchemy import Engine, event

SECONDS_BEFORE_DOUBT = 0.5
SECONDS_TO_RESPOND = 2.0
SECONDS_BETWEEN_PROBES = 0.25
Result = TypeVar("Result")


class ServerAway(psycopg.OperationalError):
    """The server does not respond."""


class Reach:
    """Whether the server responds to this process. `is_away` while it does not."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self.is_away = False
        self._connect = connect
        self._changing = threading.Lock()
        self._is_probing = False
        self._responded_at = float("-inf")

    def doubt(self) -> None:
        """Have the server probed, unless it has just responded."""
        with self._changing:
            if time.monotonic() > self._responded_at + SECONDS_BEFORE_DOUBT:
                self._start_probe()

    def lose(self) -> None:
        """Note that a connection got no response, and have the server probed until it responds."""
        with self._changing:
            self.is_away = True
            self._start_probe()

    def _start_probe(self) -> None:
        if not self._is_probing:
            self._is_probing = True
            threading.Thread(target=self._probe, name="database-reach", daemon=True).start()

    def _probe(self) -> None:
        while not self._responds():
            self.is_away = True
            time.sleep(SECONDS_BETWEEN_PROBES)
        with self._changing:
            self.is_away = self._is_probing = False
            self._responded_at = time.monotonic()

    def _responds(self) -> bool:
        try:
            with self._connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.Error as error:
            return "FATAL" in str(error)  # refused by a server that is up; libpq reports it in no other way
        return True


class GuardedConnection(psycopg.Connection[Any]):
    """Gives up when its server is away; it is closed then, since the outcome of its last statement is unknown."""

    reach: Reach

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        try:
            return super().wait(_while_in_reach(gen, self.reach), interval, timeout)
        except ServerAway:
            self.close()
            raise


class ProbeConnection(psycopg.Connection[Any]):
    """Probes whether the server is up: waits only as long as the server may take to respond."""

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        return super().wait(_for_a_while(gen), interval, timeout)


def guard(engine: Engine, options: dict[str, Any]) -> None:
    """Have all connections of an engine give up when their server is away; `options` are libpq's."""
    arguments, parameters = engine.dialect.create_connect_args(engine.url)
    reach = Reach(lambda: ProbeConnection.connect(*arguments, **{**options, **parameters}))

    def connect(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        return _connect(reach, arguments, {**options, **parameters})

    event.listen(engine, "do_connect", connect)


def _connect(reach: Reach, arguments: list[Any], parameters: dict[str, Any]) -> GuardedConnection:
    if reach.is_away:
        raise ServerAway("the server is away")
    try:
        connection = GuardedConnection.connect(*arguments, **parameters)
    except ConnectionTimeout:
        reach.lose()
        raise
    connection.reach = reach
    return connection


def _while_in_reach(operation: PQGen[Result], reach: Reach) -> PQGen[Result]:
    """Waits as psycopg does; raises ServerAway once nothing arrives and the server is known to be away."""
    received_at = time.monotonic()

    def check(is_ready: bool) -> None:
        nonlocal received_at
        if is_ready:
            received_at = time.monotonic()
        elif reach.is_away:
            raise ServerAway("the server does not respond")
        elif time.monotonic() > received_at + SECONDS_BEFORE_DOUBT:
            reach.doubt()

    return _with_check(operation, check)


def _for_a_while(operation: PQGen[Result]) -> PQGen[Result]:
    """Waits as psycopg does; raises ServerAway when it takes too long."""
    give_up_at = time.monotonic() + SECONDS_TO_RESPOND

    def check(_is_ready: bool) -> None:
        if time.monotonic() > give_up_at:
            raise ServerAway("the server does not respond")

    return _with_check(operation, check)


def _with_check(operation: PQGen[Result], check: Callable[[bool], None]) -> PQGen[Result]:
    """Waits as psycopg does, and calls `check` with whether the connection is ready, each time it is polled."""
    try:
        wait_state = next(operation)
        while True:
            ready = yield wait_state
            check(bool(ready))
            wait_state = operation.send(ready)
    except StopIteration as stop:
        result: Result = stop.value
        return result
