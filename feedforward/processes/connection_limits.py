"""How many connections an API process keeps, and for how long those that ask for nothing."""

from __future__ import annotations

import resource
from asyncio import AbstractEventLoop
from collections import deque
from typing import Protocol

MOST_CONNECTIONS = 4096
# For the database, files and pipes.
RESERVED_DESCRIPTORS = 128
# So that a process with hardly any descriptors serves somebody.
FEWEST_CONNECTIONS = 16
HEAD_SECONDS = 10.0
FIRST_BYTE_SECONDS = 30.0
TICKS_PER_DEADLINE = 10


class LimitedConnection(Protocol):
    """`idle_since` is the loop's time when it connected, began a head or had its last answer: no byte can renew it."""

    loop: AbstractEventLoop
    idle_since: float
    is_in_head: bool

    def is_idle(self) -> bool:
        """Whether no request of it is being answered."""
        ...

    def refuse_slow_head(self) -> None: ...

    def drop(self) -> None:
        """End it at once, whatever it still has to send."""
        ...


class ConnectionLimits:
    """Used by one event loop. It looks at all connections now and then, so that none needs a timer of its own."""

    def __init__(
        self,
        most: int | None = None,
        *,
        head_seconds: float = HEAD_SECONDS,
        first_byte_seconds: float = FIRST_BYTE_SECONDS,
    ) -> None:
        self.most = most_connections() if most is None else most
        self._head_seconds = head_seconds
        self._first_byte_seconds = first_byte_seconds
        self._open: set[LimitedConnection] = set()
        self._longest_idle: deque[tuple[float, LimitedConnection]] = deque()
        self._is_ticking = False

    def add(self, connection: LimitedConnection) -> bool:
        """Whether there is room for it, if need be in the place of the connection that has been idle for longest."""
        has_room = len(self._open) < self.most or self._drop_longest_idle()
        self._open.add(connection)
        if not self._is_ticking:
            self._tick_later(connection.loop)
        return has_room

    def discard(self, connection: LimitedConnection) -> None:
        self._open.discard(connection)

    def _drop_longest_idle(self) -> bool:
        """Whether there was one. Those found are kept in line: who became idle later has been idle for less long."""
        while self._longest_idle or self._find_idle():
            idle_since, connection = self._longest_idle.popleft()
            if connection in self._open and connection.is_idle() and connection.idle_since == idle_since:
                self._open.discard(connection)
                connection.drop()
                return True
        return False

    def _find_idle(self) -> bool:
        idle = [(connection.idle_since, connection) for connection in self._open if connection.is_idle()]
        self._longest_idle.extend(sorted(idle, key=lambda found: found[0]))
        return bool(idle)

    def _tick_later(self, loop: AbstractEventLoop) -> None:
        self._is_ticking = True
        loop.call_later(self._head_seconds / TICKS_PER_DEADLINE, self._tick, loop)

    def _tick(self, loop: AbstractEventLoop) -> None:
        now = loop.time()
        runs_short = len(self._open) > self.most // 2
        for connection in list(self._open):
            idle_seconds = now - connection.idle_since
            if idle_seconds > self._head_seconds and connection.is_in_head and connection.is_idle():
                connection.refuse_slow_head()
            elif runs_short and idle_seconds > self._first_byte_seconds and connection.is_idle():
                connection.drop()
        self._longest_idle.clear()  # it would keep those that are gone
        self._is_ticking = False
        if self._open:
            self._tick_later(loop)


def most_connections() -> int:
    """What the descriptors of this process are enough for."""
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if descriptors == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, descriptors - RESERVED_DESCRIPTORS))
