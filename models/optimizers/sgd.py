"""Stochastic gradient descent."""

import numpy as np

from models import specification
from models.arrays import Array, constant


class Sgd:
    """θ ← θ − η g; with momentum μ: v ← μ v + g, θ ← θ − η v; Nesterov's: θ ← θ − η (g + μ v).

    (Sutskever et al. 2013, in the form in which η may change without disturbing v.)
    """

    def __init__(self, chosen: specification.Sgd, parameters: Array) -> None:
        self.arrays: dict[str, Array] = {}
        self._scratch = np.empty_like(parameters)
        self._rate = constant(0, parameters)
        self._momentum = constant(chosen.momentum, parameters)
        self._nesterov = chosen.nesterov
        if chosen.momentum > 0:
            self.arrays["velocity"] = np.zeros_like(parameters)

    def update(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        self._rate[...] = learning_rate
        if "velocity" in self.arrays:
            gradient = self._direction(gradient)
        np.multiply(gradient, self._rate, out=self._scratch)
        np.subtract(parameters, self._scratch, out=parameters)

    def _direction(self, gradient: Array) -> Array:
        velocity = self.arrays["velocity"]
        np.multiply(velocity, self._momentum, out=velocity)
        np.add(velocity, gradient, out=velocity)
        if not self._nesterov:
            return velocity
        np.multiply(velocity, self._momentum, out=self._scratch)
        return np.add(gradient, self._scratch, out=self._scratch)
