"""A training yields its core to processes that wait for it, so that predictions stay fast beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

# The longest that a turn of the API takes, with some requests in it.
SHORT_TURN_SECONDS = 0.005
# After a longer turn of another process, no yield for this many times as long: at most a twentieth is lost.
TURNS_KEPT = 20


class CpuYield:
    """Yields the core, at each call, for one turn of a waiting process, if there is one.

    The kernel alone would let a training run for some milliseconds before it lets a request in, whatever the
    priorities. A process that computes for long, however, gets no more than its share: after a long turn of it, the
    training keeps the core for a while.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, yield_core: Callable[[], None] = os.sched_yield
    ) -> None:
        self._clock, self._yield_core = clock, yield_core
        self._kept_until = 0.0

    def __call__(self) -> None:
        start = self._clock()
        if start < self._kept_until:
            return
        self._yield_core()
        end = self._clock()
        if end - start > SHORT_TURN_SECONDS:
            self._kept_until = end + TURNS_KEPT * (end - start)
