"""One clock for all bodies that are on their way: a timer for each would cost a fifth of a small prediction."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

TICK_SECONDS = 0.1


class Awaited(Protocol):
    """A body that a task waits for; `deadline` is on the monotonic clock."""

    task: asyncio.Task[object] | None
    is_late: bool

    @property
    def deadline(self) -> float: ...


class Deadlines:
    """Interrupts the tasks that wait for a piece of a body for longer than it may take. Used by one event loop."""

    def __init__(self) -> None:
        self.waiting: set[Awaited] = set()
        self._ticking = False
        self._loop: asyncio.AbstractEventLoop  # asked for once a tick, since asking costs a system call

    def watch(self, body: Awaited) -> None:
        """Of the task that runs now."""
        if not self._ticking:
            self._ticking = True
            self._loop = asyncio.get_running_loop()
            self._loop.call_later(TICK_SECONDS, self._tick)
        body.task = asyncio.current_task(self._loop)
        self.waiting.add(body)

    def _tick(self) -> None:
        now = time.monotonic()
        for body in [body for body in self.waiting if body.deadline < now]:
            if body.task is not None and not body.is_late:
                body.is_late = True
                body.task.cancel()
        self._ticking = bool(self.waiting)
        if self._ticking:
            self._loop.call_later(TICK_SECONDS, self._tick)
