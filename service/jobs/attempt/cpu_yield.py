"""A training yields its core to processes that wait for it, so that predictions stay fast beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

# As long as a turn of the API takes at most, with some requests in it.
SHORT_TURN_SECONDS = 0.005
# After a longer turn of somebody else, so many times as long without giving way: a twentieth is lost at most.
TURNS_KEPT = 20


class CpuYield:
    """Called again and again, it gives the core away for one turn of who waits for it, if anybody does.

    The kernel alone would let a training go on for some milliseconds before it lets a request in, whatever the
    priorities. A process that would compute on and on, however, gets no more than its share: when it has taken a long
    turn, the training keeps its core for a while.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, give_away: Callable[[], None] = os.sched_yield
    ) -> None:
        self._clock, self._give_away = clock, give_away
        self._kept_until = 0.0

    def __call__(self) -> None:
        begun = self._clock()
        if begun < self._kept_until:
            return
        self._give_away()
        ended = self._clock()
        if ended - begun > SHORT_TURN_SECONDS:
            self._kept_until = ended + TURNS_KEPT * (ended - begun)
