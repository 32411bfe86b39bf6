"""Nadam."""

import math

import numpy as np

from models import specification
from models.arrays import Array, constant
from models.training.optimizers.optimizer import Numbers


class Nadam:
    """Adam with Nesterov's momentum (Dozat 2016, algorithm 8, with its schedule of the momentum).

    μₜ = β₁ (1 − ½ · 0.96^(t ψ)), Πₜ = μ₁ … μₜ, m and v as in Adam, and
    θ ← θ − η [(1 − μₜ) / (1 − Πₜ) g + μₜ₊₁ / (1 − Πₜ₊₁) m] / (√(v / (1 − β₂ᵗ)) + ε).
    """

    def __init__(self, choice: specification.Nadam, parameters: Array) -> None:
        self._choice, self._parameters = choice, parameters
        self.gradient: Array = np.zeros_like(parameters)
        self._first, self._second = np.zeros_like(parameters), np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"first": self._first, "second": self._second}
        self.numbers: Numbers = {"steps": 0, "product": 1.0}
        self._scratch, self._direction = np.empty_like(parameters), np.empty_like(parameters)

    def update(self, learning_rate: float) -> None:
        self.numbers["steps"] = t = int(self.numbers["steps"]) + 1
        momentum, next_momentum = self._momentum(t), self._momentum(t + 1)
        self.numbers["product"] = product = self.numbers["product"] * momentum
        self._mix(self._first, self.gradient, self._choice.beta1)
        self._look_ahead(
            learning_rate * (1 - momentum) / (1 - product),
            learning_rate * next_momentum / (1 - product * next_momentum),
        )
        np.multiply(self.gradient, self.gradient, self.gradient)
        self._mix(self._second, self.gradient, self._choice.beta2)
        self._divide(1 / (1 - self._choice.beta2**t))
        np.subtract(self._parameters, self._direction, self._parameters)

    def _momentum(self, t: int) -> float:
        return self._choice.beta1 * (1 - 0.5 * math.pow(0.96, t * self._choice.momentum_decay))

    def _mix(self, average: Array, new: Array, beta: float) -> None:
        """average ← β average + (1 − β) new."""
        np.multiply(new, constant(1 - beta, new), self._scratch)
        np.multiply(average, constant(beta, new), average)
        np.add(average, self._scratch, average)

    def _look_ahead(self, current: float, ahead: float) -> None:
        """The bracket of the formula, times η."""
        np.multiply(self.gradient, constant(current, self.gradient), self._direction)
        np.multiply(self._first, constant(ahead, self.gradient), self._scratch)
        np.add(self._direction, self._scratch, self._direction)

    def _divide(self, correction: float) -> None:
        np.multiply(self._second, constant(correction, self._second), self._scratch)
        np.sqrt(self._scratch, self._scratch)
        np.add(self._scratch, constant(self._choice.epsilon, self._second), self._scratch)
        np.divide(self._direction, self._scratch, self._direction)
