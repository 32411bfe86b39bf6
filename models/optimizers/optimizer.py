"""What every optimizer gives: one step down, and all it remembers, by name, so that it can be saved."""

from typing import Protocol

import numpy as np

from models.arrays import Array


class Optimizer(Protocol):
    """Moves the flat parameter vector against the gradient."""

    arrays: dict[str, Array]
    """Everything it remembers; a checkpoint writes these back in place."""

    def update(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """One step, in place; `gradient` may be used up."""


def step_count() -> Array:
    """The number of steps taken, as an array, so that it is saved with the rest."""
    return np.zeros((), np.int64)
