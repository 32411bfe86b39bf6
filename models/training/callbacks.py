"""How a training reports its progress, and how its callback can stop it."""

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

    It is created at every epoch, and not frozen because creating a frozen object takes four times as long (measured).
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
    """Receives the progress of a training, and may ask it to stop."""

    def on_epoch_end(self, record: EpochRecord, progress: Progress) -> None:
        """Called after each epoch."""

    def interruption(self) -> Interruption | None:
        """Polled between batches, at most every half a millisecond: how to stop, or None to continue."""

    def checkpoint(self, state: bytes) -> None:
        """Store the whole state of the training at an epoch's end."""


class NoCallback:
    """Ignores the progress and never stops a training."""

    def on_epoch_end(self, record: EpochRecord, progress: Progress) -> None:
        pass

    def interruption(self) -> Interruption | None:
        return None

    def checkpoint(self, state: bytes) -> None:
        pass


class Ended(Exception):  # no ...Error, because a requested end is not an error
    """The training ends early, with its best parameters so far."""

    def __init__(self, stopped: Stopped) -> None:
        super().__init__(stopped)
        self.stopped = stopped


class StopCheck:
    """Reads the clock between batches and polls the callback at intervals; raises Ended or Interrupted.

    On a request to hand back, the training may finish its epoch within half a second, so that little is lost.
    """

    def __init__(self, callback: TrainingCallback, clock: Callable[[], float], time_left_seconds: float | None) -> None:
        self._callback, self._clock = callback, clock
        self._next = clock()
        self._limit = None if time_left_seconds is None else self._next + time_left_seconds
        self._hand_back_by: float | None = None

    @property
    def must_hand_back(self) -> bool:
        """Whether the training must checkpoint at the end of this epoch and stop."""
        return self._hand_back_by is not None

    def check(self) -> None:
        """Called before every batch: reads the clock, and polls when it is time."""
        now = self._clock()
        if now >= self._next:
            self._next = now + POLL_SECONDS
            self._poll(now)

    def _poll(self, now: float) -> None:
        if self._limit is not None and now >= self._limit:
            raise Ended("time limit")
        interruption = self._callback.interruption()
        if interruption == "cancel":
            raise Interrupted("cancel")
        if interruption == "keep best":
            raise Ended("on request")
        if interruption == "hand back":
            self._hand_back(now)

    def _hand_back(self, now: float) -> None:
        if self._hand_back_by is None:
            self._hand_back_by = now + HAND_BACK_SECONDS
        elif now >= self._hand_back_by:
            raise Interrupted("hand back")


monotonic = time.monotonic
