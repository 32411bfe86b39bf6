"""Adagrad."""

import numpy as np

from models import specification
from models.arrays import Array, constant
from models.training.optimizers.optimizer import Numbers


class Adagrad:
    """s ← s + g², θ ← θ − η g / (√s + ε) (Duchi et al. 2011, in its diagonal form)."""

    def __init__(self, choice: specification.Adagrad, parameters: Array) -> None:
        self._parameters = parameters
        self.gradient: Array = np.zeros_like(parameters)
        self._sum = np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"sum": self._sum}
        self.numbers: Numbers = {}
        self._scratch = np.empty_like(parameters)
        self._epsilon, self._rate = constant(choice.epsilon, parameters), constant(0, parameters)

    def update(self, learning_rate: float) -> None:
        self._rate[...] = learning_rate
        scratch = self._scratch
        np.multiply(self.gradient, self.gradient, scratch)
        np.add(self._sum, scratch, self._sum)
        np.sqrt(self._sum, scratch)
        np.add(scratch, self._epsilon, scratch)
        np.divide(self.gradient, scratch, scratch)
        np.multiply(scratch, self._rate, scratch)
        np.subtract(self._parameters, scratch, self._parameters)
