"""Adam, and Adam with decoupled weight decay."""

import math

import numpy as np

from models import specification
from models.arrays import Array, constant
from models.optimizers.optimizer import step_count


class Adam:
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε) (Kingma and Ba 2015, algorithm 1).

    With m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) the step is η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε √(1 − β₂ᵗ)):
    the paper's faster order at the end of its section 2, with ε scaled so that it stays the same step. m and v, g and
    g² lie one behind the other, so that each line of the update is one statement for both.
    """

    def __init__(self, chosen: specification.Adam | specification.AdamW, parameters: Array) -> None:
        self._beta1, self._beta2, self._epsilon = chosen.beta1, chosen.beta2, chosen.epsilon
        self._moments = np.zeros((2, parameters.size), parameters.dtype)
        self._powers = np.zeros_like(self._moments)
        self.steps = step_count()
        self.arrays: dict[str, Array] = {"moments": self._moments, "steps": self.steps}
        self._keep = _two_rows(chosen.beta1, chosen.beta2, parameters)
        self._take = _two_rows(1 - chosen.beta1, 1 - chosen.beta2, parameters)
        self._step = constant(0, parameters)
        self._floor = constant(0, parameters)

    def update(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        self.steps += 1
        t = int(self.steps)
        root = math.sqrt(1 - self._beta2**t)
        self._step[...] = learning_rate * root / (1 - self._beta1**t)
        self._floor[...] = self._epsilon * root
        self._remember(gradient)
        first, second = self._moments
        scratch = self._powers[0]
        np.sqrt(second, out=scratch)
        np.add(scratch, self._floor, out=scratch)
        np.divide(first, scratch, out=scratch)
        np.multiply(scratch, self._step, out=scratch)
        np.subtract(parameters, scratch, out=parameters)

    def _remember(self, gradient: Array) -> None:
        powers = self._powers
        np.copyto(powers[0], gradient)
        np.multiply(gradient, gradient, out=powers[1])
        np.multiply(powers, self._take, out=powers)
        np.multiply(self._moments, self._keep, out=self._moments)
        np.add(self._moments, powers, out=self._moments)


class AdamW(Adam):
    """θ ← (1 − η λ) θ before Adam's step (Loshchilov and Hutter 2019, algorithm 2)."""

    def __init__(self, chosen: specification.AdamW, parameters: Array) -> None:
        super().__init__(chosen, parameters)
        self._weight_decay = chosen.weight_decay

    def update(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        np.multiply(parameters, parameters.dtype.type(1 - learning_rate * self._weight_decay), out=parameters)
        super().update(parameters, gradient, learning_rate)


def _two_rows(first: float, second: float, like: Array) -> Array:
    rows = np.empty((2, like.size), like.dtype)
    rows[0], rows[1] = first, second
    return rows
