"""Adagrad."""

import numpy as np

from models import specification
from models.arrays import Array, constant


class Adagrad:
    """s ← s + g², θ ← θ − η g / (√s + ε) (Duchi et al. 2011, in its diagonal form)."""

    def __init__(self, chosen: specification.Adagrad, parameters: Array) -> None:
        self._sum = np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"sum": self._sum}
        self._scratch = np.empty_like(parameters)
        self._epsilon, self._rate = constant(chosen.epsilon, parameters), constant(0, parameters)

    def update(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        self._rate[...] = learning_rate
        scratch = self._scratch
        np.multiply(gradient, gradient, out=scratch)
        np.add(self._sum, scratch, out=self._sum)
        np.sqrt(self._sum, out=scratch)
        np.add(scratch, self._epsilon, out=scratch)
        np.divide(gradient, scratch, out=scratch)
        np.multiply(scratch, self._rate, out=scratch)
        np.subtract(parameters, scratch, out=parameters)
