"""Adam, and Adam with decoupled weight decay."""

import math
from collections.abc import Iterator

import numpy as np

from models import specification
from models.arrays import Array, constant
from models.training.optimizers.optimizer import Numbers

PIECE = 1 << 15
"""The number of parameters in a piece: four arrays of 128 KiB in float32."""


class Adam:
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε) (Kingma and Ba 2015, algorithm 1).

    Kept are M = m / (1 − β₁) and V = v / (1 − β₂), so that M ← β₁ M + g and V ← β₂ V + g². With m̂ = m / (1 − β₁ᵗ) and
    v̂ = v / (1 − β₂ᵗ), and r = √((1 − β₂ᵗ) / (1 − β₂)), the same step is η r (1 − β₁) / (1 − β₁ᵗ) · M / (√V + ε r).
    Many parameters are updated piece by piece, because a piece stays in the cache through all ten lines.
    """

    def __init__(self, choice: specification.Adam | specification.AdamW, parameters: Array) -> None:
        self._parameters = parameters
        self._beta1, self._beta2, self._epsilon = choice.beta1, choice.beta2, choice.epsilon
        self.gradient: Array = np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"first": np.zeros_like(parameters), "second": np.zeros_like(parameters)}
        self.numbers: Numbers = {"steps": 0}
        self._keep_first, self._keep_second = constant(choice.beta1, parameters), constant(choice.beta2, parameters)
        self._step, self._floor = constant(0, parameters), constant(0, parameters)
        self._pieces = list(pieces(self.gradient, *self.arrays.values(), parameters))

    def update(self, learning_rate: float) -> None:
        self._set_factors(learning_rate)
        keep_first, keep_second, step, floor = self._keep_first, self._keep_second, self._step, self._floor
        for gradient, first, second, parameters in self._pieces:
            np.multiply(first, keep_first, first)
            np.add(first, gradient, first)
            np.multiply(gradient, gradient, gradient)
            np.multiply(second, keep_second, second)
            np.add(second, gradient, second)
            np.sqrt(second, gradient)
            np.add(gradient, floor, gradient)
            np.divide(first, gradient, gradient)
            np.multiply(gradient, step, gradient)
            np.subtract(parameters, gradient, parameters)

    def _set_factors(self, learning_rate: float) -> None:
        self.numbers["steps"] = t = self.numbers["steps"] + 1
        r = math.sqrt((1 - self._beta2**t) / (1 - self._beta2))
        self._step[...] = learning_rate * r * (1 - self._beta1) / (1 - self._beta1**t)
        self._floor[...] = self._epsilon * r


class AdamW(Adam):
    """θ ← (1 − η λ) θ before Adam's step (Loshchilov and Hutter 2019, algorithm 2)."""

    def __init__(self, choice: specification.AdamW, parameters: Array) -> None:
        super().__init__(choice, parameters)
        self._weight_decay = choice.weight_decay

    def update(self, learning_rate: float) -> None:
        kept = constant(1 - learning_rate * self._weight_decay, self._parameters)
        np.multiply(self._parameters, kept, self._parameters)
        super().update(learning_rate)


def pieces(*vectors: Array) -> Iterator[tuple[Array, ...]]:
    """Views of the same stretch of every vector, one after the other."""
    for start in range(0, vectors[0].size, PIECE):
        yield tuple(vector[start : start + PIECE] for vector in vectors)
