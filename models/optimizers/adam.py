"""Adam, and Adam with decoupled weight decay."""

import math

import numpy as np

from models import specification
from models.arrays import Array, constant
from models.optimizers.optimizer import Numbers


class Adam:
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε) (Kingma and Ba 2015, algorithm 1).

    Kept are M = m / (1 − β₁) and V = v / (1 − β₂), so that M ← β₁ M + g and V ← β₂ V + g². With m̂ = m / (1 − β₁ᵗ) and
    v̂ = v / (1 − β₂ᵗ), and r = √((1 − β₂ᵗ) / (1 − β₂)), the same step is η r (1 − β₁) / (1 − β₁ᵗ) · M / (√V + ε r).
    M and V lie one behind the other, and so do g and g², so that each line of their update is one statement.
    """

    def __init__(self, chosen: specification.Adam | specification.AdamW, parameters: Array) -> None:
        self._parameters = parameters
        self._beta1, self._beta2, self._epsilon = chosen.beta1, chosen.beta2, chosen.epsilon
        self._moments, self._powers = (np.zeros((2, parameters.size), parameters.dtype) for _ in range(2))
        self._first, self._second = self._moments
        self.gradient, self._square = self._powers
        self._keep = _two_rows(chosen.beta1, chosen.beta2, parameters)
        self._step, self._floor = constant(0, parameters), constant(0, parameters)
        self.arrays: dict[str, Array] = {"moments": self._moments}
        self.numbers: Numbers = {"steps": 0}

    def update(self, learning_rate: float) -> None:
        self._set_factors(learning_rate)
        moments, step = self._moments, self._square
        np.multiply(self.gradient, self.gradient, step)
        np.multiply(moments, self._keep, moments)
        np.add(moments, self._powers, moments)
        np.sqrt(self._second, step)
        np.add(step, self._floor, step)
        np.divide(self._first, step, step)
        np.multiply(step, self._step, step)
        np.subtract(self._parameters, step, self._parameters)

    def _set_factors(self, learning_rate: float) -> None:
        self.numbers["steps"] = t = self.numbers["steps"] + 1
        r = math.sqrt((1 - self._beta2**t) / (1 - self._beta2))
        self._step[...] = learning_rate * r * (1 - self._beta1) / (1 - self._beta1**t)
        self._floor[...] = self._epsilon * r


class AdamW(Adam):
    """θ ← (1 − η λ) θ before Adam's step (Loshchilov and Hutter 2019, algorithm 2)."""

    def __init__(self, chosen: specification.AdamW, parameters: Array) -> None:
        super().__init__(chosen, parameters)
        self._weight_decay = chosen.weight_decay

    def update(self, learning_rate: float) -> None:
        kept = constant(1 - learning_rate * self._weight_decay, self._parameters)
        np.multiply(self._parameters, kept, self._parameters)
        super().update(learning_rate)


def _two_rows(first: float, second: float, like: Array) -> Array:
    """Whole rows multiply faster than two numbers that would have to be spread over them (measured)."""
    rows = np.empty((2, like.size), like.dtype)
    rows[0], rows[1] = first, second
    return rows
