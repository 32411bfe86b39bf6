"""What a training tells while it runs, and how it is asked to end."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from models.errors import Interrupted

Interruption = Literal["cancel", "keep best", "hand back"]
Stopped = Literal["early", "time limit", "on request"]
POLL_SECONDS = 0.0005
HAND_BACK_SECONDS = 0.5


@dataclass(slots=True)
class EpochRecord:
    """One point of the curve; the epoch is counted from 1.

    Not frozen, for one is made at every epoch: frozen, it would take four times as long to make (measured).
    """

    epoch: int
    loss: float
    validation_loss: float | None
    learning_rate: float
    elapsed_seconds: float


@dataclass(slots=True)
class Progress:
    """How far the training is, and how fast it goes; not frozen for the same reason."""

    epoch: int
    epochs: int
    loss: float
    validation_loss: float | None
    rows_per_second: float
    eta_seconds: float


class TrainingCallback(Protocol):
    """Whoever watches a training."""

    def on_epoch_end(self, record: EpochRecord, progress: Progress) -> None:
        """Hear of each epoch."""

    def interruption(self) -> Interruption | None:
        """Asked between batches, at most every half a millisecond: what to do other than going on."""

    def checkpoint(self, state: bytes) -> None:
        """Keep the whole state of the training, taken at an epoch's end."""


class NoCallback:
    """Watches nothing and asks nothing."""

    def on_epoch_end(self, record: EpochRecord, progress: Progress) -> None:
        pass

    def interruption(self) -> Interruption | None:
        return None

    def checkpoint(self, state: bytes) -> None:
        pass


class Ended(Exception):  # an end that was wished for is no error
    """The training ends in good order, with its best parameters so far."""

    def __init__(self, stopped: Stopped) -> None:
        super().__init__(stopped)
        self.stopped = stopped


class StopCheck:
    """Looks at the clock between batches and asks the monitor when it is time; raises Ended or Interrupted.

    Asked to hand back, the training may finish its epoch if that takes half a second at most, so that little is lost.
    """

    def __init__(self, monitor: TrainingCallback, clock: Callable[[], float], time_left_seconds: float | None) -> None:
        self._monitor, self._clock = monitor, clock
        self._next = clock()
        self._limit = None if time_left_seconds is None else self._next + time_left_seconds
        self._hand_back_by: float | None = None

    @property
    def hand_back_wanted(self) -> bool:
        """Whether the training is to checkpoint at the end of this epoch and leave."""
        return self._hand_back_by is not None

    def check(self) -> None:
        """Cheap enough for every batch: one reading of the clock."""
        now = self._clock()
        if now >= self._next:
            self._next = now + POLL_SECONDS
            self._ask(now)

    def _ask(self, now: float) -> None:
        if self._limit is not None and now >= self._limit:
            raise Ended("time limit")
        wish = self._monitor.interruption()
        if wish == "cancel":
            raise Interrupted("cancel")
        if wish == "keep best":
            raise Ended("on request")
        if wish == "hand back":
            self._hand_back(now)

    def _hand_back(self, now: float) -> None:
        if self._hand_back_by is None:
            self._hand_back_by = now + HAND_BACK_SECONDS
        elif now >= self._hand_back_by:
            raise Interrupted("hand back")


monotonic = time.monotonic
