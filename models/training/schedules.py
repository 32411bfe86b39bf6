"""The learning rate over the epochs, as factors of the optimizer's own rate; t counts epochs from 0.

One-cycle and warm-up move at every step, the others at every epoch.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from models import specification

# No training gets this far without diverging, and its own message tells that; sums of two such rates are still finite.
LARGEST_RATE = 1e300


class Schedule(Protocol):
    """The learning rate before each step, and what it learns from the loss."""

    moves_at_each_step: bool

    def rate(self, epoch: int, step: int, n_steps: int) -> float:
        """The rate at a step (from 0) of an epoch (from 0) that has n_steps."""

    def on_epoch_end(self, loss: float) -> None:
        """Hear the validation loss (else the loss) of the epoch that ended."""

    def state(self) -> dict[str, float | None]:
        """What was heard so far, for a checkpoint."""

    def restore(self, state: dict[str, float | None]) -> None:
        """Take up the state that was saved."""


class Fixed:
    """A rate that depends on the epoch alone."""

    moves_at_each_step = False

    def __init__(self, base: float, chosen: specification.Schedule, epochs: int) -> None:
        self._base, self._chosen, self._epochs = base, chosen, epochs

    def rate(self, epoch: int, step: int, n_steps: int) -> float:
        """step: η f^⌊t/k⌋; exponential: η fᵗ; polynomial: η (1 − t/T)^p; T is the number of epochs."""
        match self._chosen:
            case specification.Step():
                return _grown(self._base, self._chosen.factor, epoch // self._chosen.every_epochs)
            case specification.Exponential():
                return _grown(self._base, self._chosen.factor, epoch)
            case specification.Polynomial():
                remaining = 1 - min(epoch / self._epochs, 1)
                return self._base * math.pow(remaining, self._chosen.power)
            case specification.Cosine():
                return self._cosine(self._chosen, epoch)
        return self._base

    def _cosine(self, chosen: specification.Cosine, epoch: int) -> float:
        """η_min + ½ (η − η_min) (1 + cos π t/T), anew in each period (Loshchilov and Hutter 2017, equation 5)."""
        begun, period = 0, chosen.period_epochs or self._epochs
        while chosen.period_epochs and epoch >= begun + period:
            begun, period = begun + period, period * chosen.growth
        share = (epoch - begun) / period
        return chosen.minimum + (self._base - chosen.minimum) * (1 + math.cos(math.pi * share)) / 2

    def on_epoch_end(self, loss: float) -> None:
        pass

    def state(self) -> dict[str, float | None]:
        return {}

    def restore(self, state: dict[str, float | None]) -> None:
        pass


class OneCycle(Fixed):
    """Half a cosine up from η/25 to η, then half a cosine down to η/250,000 (Smith and Topin 2018)."""

    moves_at_each_step = True

    def __init__(self, base: float, chosen: specification.OneCycle, epochs: int) -> None:
        super().__init__(base, chosen, epochs)
        self._rise = chosen.rise
        self._start = min(base / chosen.start_divisor, LARGEST_RATE)
        self._end = min(self._start / chosen.end_divisor, LARGEST_RATE)

    def rate(self, epoch: int, step: int, n_steps: int) -> float:
        """The peak is at step `rise` · `total` − 1, which is the first one where the rise is one step long."""
        total = self._epochs * n_steps
        peak = self._rise * total - 1
        position = epoch * n_steps + step
        if position <= peak:
            return _between(self._start, self._base, position / peak if peak else 1.0)
        return _between(self._base, self._end, min((position - peak) / max(total - 1 - peak, 1), 1))


class ReduceOnPlateau(Fixed):
    """η ← η f when the loss has not fallen below (1 − threshold) of its best for more than `patience` epochs."""

    def __init__(self, base: float, chosen: specification.ReduceOnPlateau, epochs: int) -> None:
        super().__init__(base, chosen, epochs)
        self._plateau = chosen
        self._rate, self._best, self._waited = base, math.inf, 0

    def rate(self, epoch: int, step: int, n_steps: int) -> float:
        return self._rate

    def on_epoch_end(self, loss: float) -> None:
        if loss < self._best * (1 - self._plateau.threshold):
            self._best, self._waited = loss, 0
        else:
            self._waited += 1
        if self._waited > self._plateau.patience:
            lowest = min(self._plateau.minimum, self._rate)
            self._rate, self._waited = max(self._rate * self._plateau.factor, lowest), 0

    def state(self) -> dict[str, float | None]:
        best = None if math.isinf(self._best) else self._best
        return {"rate": self._rate, "best": best, "waited": self._waited}

    def restore(self, state: dict[str, float | None]) -> None:
        best = state["best"]
        self._rate, self._waited = state["rate"] or 0.0, int(state["waited"] or 0)
        self._best = math.inf if best is None else best


@dataclass
class WarmUp:
    """η (s + 1) / S over the first S steps, then the schedule that follows, from its beginning (Goyal et al. 2017).

    The losses of the warm-up are not passed on: they say nothing about the full rate.
    """

    base: float
    epochs: int
    following: Schedule
    moves_at_each_step: bool = True
    is_over: bool = False

    def rate(self, epoch: int, step: int, n_steps: int) -> float:
        self.is_over = epoch >= self.epochs
        if self.is_over:
            return self.following.rate(epoch - self.epochs, step, n_steps)
        return self.base * (epoch * n_steps + step + 1) / (self.epochs * n_steps)

    def on_epoch_end(self, loss: float) -> None:
        if self.is_over:
            self.following.on_epoch_end(loss)

    def state(self) -> dict[str, float | None]:
        return self.following.state()

    def restore(self, state: dict[str, float | None]) -> None:
        self.following.restore(state)


def schedule_for(chosen: specification.Schedule, base: float, epochs: int) -> Schedule:
    """The schedule that a caller chose, for a training of so many epochs; warm-up takes its epochs from them."""
    base, remaining = min(base, LARGEST_RATE), max(epochs - chosen.warm_up_epochs, 1)
    following: Schedule
    match chosen:
        case specification.OneCycle():
            following = OneCycle(base, chosen, remaining)
        case specification.ReduceOnPlateau():
            following = ReduceOnPlateau(base, chosen, remaining)
        case _:
            following = Fixed(base, chosen, remaining)
    return WarmUp(base, chosen.warm_up_epochs, following) if chosen.warm_up_epochs else following


def _grown(base: float, factor: float, times: int) -> float:
    """η fᵗ, cut to the largest rate."""
    try:
        return min(base * math.pow(factor, times), LARGEST_RATE)
    except OverflowError:
        return LARGEST_RATE


def _between(start: float, end: float, share: float) -> float:
    """Half a cosine from `start` to `end`."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
