"""Stochastic gradient descent."""

import numpy as np

from models import specification
from models.arrays import Array, constant
from models.training.optimizers.optimizer import Numbers


class Sgd:
    """θ ← θ − η g; with momentum μ: v ← μ v + g, θ ← θ − η v; Nesterov's: θ ← θ − η (g + μ v).

    (Sutskever et al. 2013, in the form in which η may change without disturbing v.)
    """

    def __init__(self, choice: specification.Sgd, parameters: Array) -> None:
        self._parameters = parameters
        self.gradient: Array = np.zeros_like(parameters)
        self._velocity = np.zeros_like(parameters) if choice.momentum > 0 else None
        self.arrays: dict[str, Array] = {} if self._velocity is None else {"velocity": self._velocity}
        self.numbers: Numbers = {}
        self._scratch = np.empty_like(parameters)
        self._rate, self._momentum = constant(0, parameters), constant(choice.momentum, parameters)
        self._nesterov = choice.nesterov

    def update(self, learning_rate: float) -> None:
        self._rate[...] = learning_rate
        direction = self.gradient if self._velocity is None else self._accelerated(self._velocity)
        np.multiply(direction, self._rate, self._scratch)
        np.subtract(self._parameters, self._scratch, self._parameters)

    def _accelerated(self, velocity: Array) -> Array:
        np.multiply(velocity, self._momentum, velocity)
        np.add(velocity, self.gradient, velocity)
        if not self._nesterov:
            return velocity
        np.multiply(velocity, self._momentum, self._scratch)
        return np.add(self.gradient, self._scratch, out=self._scratch)
