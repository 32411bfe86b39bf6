"""Lion."""

import numpy as np

from models import specification
from models.arrays import Array


class Lion:
    """c = β₁ m + (1 − β₁) g, θ ← θ − η (sign c + λ θ), m ← β₂ m + (1 − β₂) g (Chen et al. 2023, algorithm 2)."""

    def __init__(self, chosen: specification.Lion, parameters: Array) -> None:
        self._chosen = chosen
        self._momentum = np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"momentum": self._momentum}
        self._scratch, self._direction = np.empty_like(parameters), np.empty_like(parameters)

    def update(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        direction, scratch, number = self._direction, self._scratch, parameters.dtype.type
        self._mix(gradient, self._chosen.beta1, direction)
        np.sign(direction, out=direction)
        if self._chosen.weight_decay > 0:
            np.multiply(parameters, number(self._chosen.weight_decay), out=scratch)
            np.add(direction, scratch, out=direction)
        np.multiply(direction, number(learning_rate), out=direction)
        np.subtract(parameters, direction, out=parameters)
        self._mix(gradient, self._chosen.beta2, self._momentum)

    def _mix(self, gradient: Array, beta: float, out: Array) -> None:
        """Write β m + (1 − β) g into `out`."""
        number = gradient.dtype.type
        np.multiply(gradient, number(1 - beta), out=self._scratch)
        np.multiply(self._momentum, number(beta), out=out)
        np.add(out, self._scratch, out=out)
