"""Connections to PostgreSQL that do not wait for an answer that will never come.

A network that is cut tells nobody. What has heard nothing for a while doubts the server; one thread then asks it by a
connection of its own. Only where that is not answered either do all who wait give up, and until it is, nobody else
begins to wait. A statement that merely takes long is left alone.
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
SECONDS_TO_ANSWER = 2.0
SECONDS_BETWEEN_QUESTIONS = 0.25
Result = TypeVar("Result")


class NoAnswer(psycopg.OperationalError):
    """The server is out of reach."""


class Reach:
    """What this process knows of its way to the server. `is_away` while it does not answer."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self.is_away = False
        self._connect = connect
        self._changing = threading.Lock()
        self._asking = False
        self._answered_at = float("-inf")

    def doubt(self) -> None:
        """Have the server asked whether it is there, where it has not just said so."""
        with self._changing:
            if time.monotonic() > self._answered_at + SECONDS_BEFORE_DOUBT:
                self._begin_to_ask()

    def lose(self) -> None:
        """Note that the server did not answer somebody, and have it asked until it does."""
        with self._changing:
            self.is_away = True
            self._begin_to_ask()

    def _begin_to_ask(self) -> None:
        if not self._asking:
            self._asking = True
            threading.Thread(target=self._ask, name="database-reach", daemon=True).start()

    def _ask(self) -> None:
        while not self._answers():
            self.is_away = True
            time.sleep(SECONDS_BETWEEN_QUESTIONS)
        with self._changing:
            self.is_away = self._asking = False
            self._answered_at = time.monotonic()

    def _answers(self) -> bool:
        try:
            with self._connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.Error as error:
            return "FATAL" in str(error)  # refused by a server that is there; libpq tells it in no other way
        return True


class GuardedConnection(psycopg.Connection[Any]):
    """Gives up when its server is away; it is closed then, since nobody knows what came of its last statement."""

    reach: Reach

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        try:
            return super().wait(_while_in_reach(gen, self.reach), interval, timeout)
        except NoAnswer:
            self.close()
            raise


class QuestioningConnection(psycopg.Connection[Any]):
    """For the question whether the server is there: waits for no longer than it may take to answer."""

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        return super().wait(_for_a_while(gen), interval, timeout)


def guard(engine: Engine, options: dict[str, Any]) -> None:
    """Have all connections of an engine give up when their server is away; `options` are libpq's."""
    arguments, parameters = engine.dialect.create_connect_args(engine.url)
    reach = Reach(lambda: QuestioningConnection.connect(*arguments, **{**options, **parameters}))

    def connect(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        return _connect(reach, arguments, {**options, **parameters})

    event.listen(engine, "do_connect", connect)


def _connect(reach: Reach, arguments: list[Any], parameters: dict[str, Any]) -> GuardedConnection:
    if reach.is_away:
        raise NoAnswer("the server is away")
    try:
        connection = GuardedConnection.connect(*arguments, **parameters)
    except ConnectionTimeout:
        reach.lose()
        raise
    connection.reach = reach
    return connection


def _while_in_reach(waiting: PQGen[Result], reach: Reach) -> PQGen[Result]:
    """What is waited for; raises NoAnswer once there is silence and the server is known to be away."""
    heard_at = time.monotonic()

    def check(heard: bool) -> None:
        nonlocal heard_at
        if heard:
            heard_at = time.monotonic()
        elif reach.is_away:
            raise NoAnswer("the server does not respond")
        elif time.monotonic() > heard_at + SECONDS_BEFORE_DOUBT:
            reach.doubt()

    return _checked(waiting, check)


def _for_a_while(waiting: PQGen[Result]) -> PQGen[Result]:
    """What is waited for; raises NoAnswer when it takes too long."""
    give_up_at = time.monotonic() + SECONDS_TO_ANSWER

    def check(_heard: bool) -> None:
        if time.monotonic() > give_up_at:
            raise NoAnswer("the server does not respond")

    return _checked(waiting, check)


def _checked(waiting: PQGen[Result], check: Callable[[bool], None]) -> PQGen[Result]:
    """The same, with a check each time that its connection is looked at: whether anything has come."""
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            check(bool(ready))
            wanted = waiting.send(ready)
    except StopIteration as ended:
        result: Result = ended.value
        return result
