"""How many connections an API process keeps, and for how long those that ask for nothing."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections import deque
from typing import Protocol

from service.descriptors import Descriptors, most_descriptors

MOST_CONNECTIONS = 4096
# For the database, files and pipes.
RESERVED_DESCRIPTORS = 128
# So that a process with hardly any descriptors serves somebody.
FEWEST_CONNECTIONS = 16
HEAD_SECONDS = 10.0
FIRST_BYTE_SECONDS = 30.0
TICKS_PER_DEADLINE = 10
# A client that reads nothing of its answer, or sends nothing of a body that is waited for, makes room after this long.
PAUSE_SECONDS = 1.0
STALLED_SECONDS = 60.0
# Connections beyond the limit that are kept until they have their 503. More would take the reserved descriptors.
MOST_REFUSALS = 32


class LimitedConnection(Protocol):
    loop: AbstractEventLoop
    is_in_head: bool

    def idle_since(self) -> float | None:
        """The loop's time when it connected, began a head or had its last answer: no byte can renew it.

        None while a request is being answered or an answer is still to be sent.
        """
        ...

    def stalled_since(self) -> float | None:
        """The loop's time after which its client has read nothing of what is to be sent; None where all is sent."""
        ...

    def waiting_since(self) -> float | None:
        """The loop's time of its client's last bytes; None unless the server waits for more of a request's body."""
        ...

    def following_since(self) -> float | None:
        """The loop's time of its client's last bytes; None unless it follows events, where it can resume elsewhere."""
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
        pause_seconds: float = PAUSE_SECONDS,
        stalled_seconds: float = STALLED_SECONDS,
    ) -> None:
        self.most = most_connections() if most is None else most
        self._head_seconds = head_seconds
        self._first_byte_seconds = first_byte_seconds
        self._pause_seconds = pause_seconds
        self._stalled_seconds = stalled_seconds
        self._descriptors = Descriptors()
        self._open: set[LimitedConnection] = set()
        self._refused: dict[LimitedConnection, None] = {}  # in the order in which they came
        self._longest_idle: deque[tuple[float, LimitedConnection]] = deque()
        self._is_ticking = False

    def add(self, connection: LimitedConnection) -> bool:
        """Whether there is room for it, if need be in the place of the connection that has been idle for longest."""
        while len(self._open) >= self.most and self._drop_longest_idle():
            pass
        has_room = len(self._open) < self.most and self._has_descriptors()
        self._open.add(connection)
        if not has_room:
            self._refused[connection] = None
            self._limit_refusals()
        if not self._is_ticking:
            self._tick_later(connection.loop)
        return has_room

    def discard(self, connection: LimitedConnection) -> None:
        self._open.discard(connection)
        self._refused.pop(connection, None)

    def _limit_refusals(self) -> None:
        """Drop the refused connection that has had the most time to read its 503, where they are too many."""
        if len(self._open) > self.most + MOST_REFUSALS or self._descriptors.are_nearly_out():
            oldest = next(iter(self._refused))
            self.discard(oldest)
            oldest.drop()

    def _has_descriptors(self) -> bool:
        """Whether some are free, or will be in a moment: a connection that is dropped gives back its own."""
        if self._descriptors.are_nearly_out():
            self._drop_longest_idle()  # one more, or they would stay nearly out
        return not self._descriptors.run_short() or self._drop_longest_idle()

    def _drop_longest_idle(self) -> bool:
        """Whether there was one. Those found are kept in line: who became idle later has been idle for less long."""
        while self._longest_idle or self._find_idle():
            idle_since, connection = self._longest_idle.popleft()
            if connection in self._open and self._gives_way_since(connection) == idle_since:
                self.discard(connection)
                connection.drop()
                return True
        return False

    def _find_idle(self) -> bool:
        since = [(self._gives_way_since(connection), connection) for connection in self._open]
        idle = [(idle_since, connection) for idle_since, connection in since if idle_since is not None]
        self._longest_idle.extend(sorted(idle, key=lambda entry: entry[0]))
        return bool(idle)

    def _gives_way_since(self, connection: LimitedConnection) -> float | None:
        """Idle, or waiting for a client that has paused, or at any time able to resume on another connection."""
        idle_since = self._idle_since(connection)
        if idle_since is not None:
            return idle_since
        paused_since = self._paused_since(connection, connection.waiting_since())
        return connection.following_since() if paused_since is None else paused_since

    def _idle_since(self, connection: LimitedConnection) -> float | None:
        """A connection whose client does not read is idle too, however much is still to be answered on it."""
        stalled_since = connection.stalled_since()
        return connection.idle_since() if stalled_since is None else self._paused_since(connection, stalled_since)

    def _paused_since(self, connection: LimitedConnection, since: float | None) -> float | None:
        has_paused = since is not None and connection.loop.time() - since > self._pause_seconds
        return since if has_paused else None

    def _tick_later(self, loop: AbstractEventLoop) -> None:
        self._is_ticking = True
        loop.call_later(self._head_seconds / TICKS_PER_DEADLINE, self._tick, loop)

    def _tick(self, loop: AbstractEventLoop) -> None:
        now = loop.time()
        runs_short = len(self._open) > self.most // 2
        for connection in list(self._open):
            self._check(connection, now, runs_short)
        self._free_descriptors()
        self._longest_idle.clear()  # it would keep those that are gone
        self._is_ticking = False
        if self._open:
            self._tick_later(loop)

    def _free_descriptors(self) -> None:
        """Without any, no newcomer would come as far as `add`."""
        if self._descriptors.are_nearly_out():
            for _ in range(MOST_REFUSALS):
                self._drop_longest_idle()

    def _check(self, connection: LimitedConnection, now: float, runs_short: bool) -> None:
        stalled_since, idle_since = connection.stalled_since(), self._idle_since(connection)
        if stalled_since is not None and now - stalled_since > self._stalled_seconds:
            connection.drop()
        elif idle_since is None:
            return
        elif connection.is_in_head and stalled_since is None and now - idle_since > self._head_seconds:
            connection.refuse_slow_head()
        elif runs_short and now - idle_since > self._first_byte_seconds:
            connection.drop()


def most_connections() -> int:
    """What the descriptors of this process are enough for."""
    return max(FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, most_descriptors() - RESERVED_DESCRIPTORS))
