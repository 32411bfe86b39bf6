"""What every optimizer gives: one step down, and all it remembers, by name, so that it can be saved."""

from typing import Protocol

from models.arrays import Array

Numbers = dict[str, int | float]


class Optimizer(Protocol):
    """Moves the flat parameter vector that it was made for against the gradient."""

    gradient: Array
    """Where backpropagation writes; a step may use it up."""
    arrays: dict[str, Array]
    """What it remembers of each parameter; a checkpoint writes these back in place."""
    numbers: Numbers
    """What else it remembers, as the count of its steps."""

    def update(self, learning_rate: float) -> None:
        """One step, in place."""
