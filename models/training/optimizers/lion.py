"""Lion."""

import numpy as np

from models import specification
from models.arrays import Array, constant
from models.training.optimizers.optimizer import Numbers


class Lion:
    """c = β₁ m + (1 − β₁) g, θ ← θ − η (sign c + λ θ), m ← β₂ m + (1 − β₂) g (Chen et al. 2023, algorithm 2)."""

    def __init__(self, choice: specification.Lion, parameters: Array) -> None:
        self._choice, self._parameters = choice, parameters
        self.gradient: Array = np.zeros_like(parameters)
        self._momentum = np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"momentum": self._momentum}
        self.numbers: Numbers = {}
        self._scratch, self._direction = np.empty_like(parameters), np.empty_like(parameters)

    def update(self, learning_rate: float) -> None:
        direction, parameters = self._direction, self._parameters
        self._mix(self._choice.beta1, direction)
        np.sign(direction, direction)
        if self._choice.weight_decay > 0:
            np.multiply(parameters, constant(self._choice.weight_decay, parameters), self._scratch)
            np.add(direction, self._scratch, direction)
        np.multiply(direction, constant(learning_rate, parameters), direction)
        np.subtract(parameters, direction, parameters)
        self._mix(self._choice.beta2, self._momentum)

    def _mix(self, beta: float, out: Array) -> None:
        """Write β m + (1 − β) g into `out`."""
        np.multiply(self.gradient, constant(1 - beta, out), self._scratch)
        np.multiply(self._momentum, constant(beta, out), out)
        np.add(out, self._scratch, out)
