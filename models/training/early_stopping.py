"""The best parameters so far, and the patience before training stops without better ones (Prechelt 1998)."""

import math

from models.arrays import Array
from models.specification import EarlyStopping


class BestWeights:
    """The parameters (and buffers) of the epoch with the lowest loss."""

    def __init__(self, parameters: Array, running: Array) -> None:
        self.arrays: dict[str, Array] = {"parameters": parameters.copy(), "running": running.copy()}
        self.loss, self.epoch = math.inf, 0

    def offer(self, loss: float, epoch: int, parameters: Array, running: Array) -> None:
        """Keep a copy where the loss is lower than any before."""
        if loss < self.loss:
            self.loss, self.epoch = loss, epoch
            self.arrays["parameters"][...] = parameters
            self.arrays["running"][...] = running


class Patience:
    """Is over after `patience` epochs in a row that were not better by more than `minimum_change`."""

    def __init__(self, choice: EarlyStopping) -> None:
        self._choice = choice
        self.lowest, self.waited = math.inf, 0

    def update(self, loss: float) -> None:
        """Count one epoch."""
        if loss < self.lowest - self._choice.minimum_change:
            self.lowest, self.waited = loss, 0
        else:
            self.waited += 1

    @property
    def is_over(self) -> bool:
        """Whether it is time to stop."""
        return self.waited >= self._choice.patience
