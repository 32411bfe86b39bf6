"""What every optimizer does: update the parameters, and keep its state by name, so that it can be saved."""

from typing import Protocol

from models.arrays import Array

Numbers = dict[str, int | float]


class Optimizer(Protocol):
    """Updates one flat parameter vector, given the gradient."""

    gradient: Array
    """The array into which backpropagation writes; an update may overwrite it."""
    arrays: dict[str, Array]
    """The state of each parameter; a checkpoint writes these arrays back in place."""
    numbers: Numbers
    """The rest of the state, such as the number of steps."""

    def update(self, learning_rate: float) -> None:
        """One step, in place."""
