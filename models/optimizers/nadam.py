"""Nadam."""

import math

import numpy as np

from models import specification
from models.arrays import Array
from models.optimizers.optimizer import step_count


class Nadam:
    """Adam that looks one step of its momentum ahead (Dozat 2016, algorithm 8, with its schedule of the momentum).

    μₜ = β₁ (1 − ½ · 0.96^(t ψ)), Πₜ = μ₁ … μₜ, m and v as in Adam, and
    θ ← θ − η [(1 − μₜ) / (1 − Πₜ) g + μₜ₊₁ / (1 − Πₜ₊₁) m] / (√(v / (1 − β₂ᵗ)) + ε).
    """

    def __init__(self, chosen: specification.Nadam, parameters: Array) -> None:
        self._chosen = chosen
        self._first, self._second = np.zeros_like(parameters), np.zeros_like(parameters)
        self._steps, self._product = step_count(), np.ones((), np.float64)
        self.arrays: dict[str, Array] = {
            "first": self._first,
            "second": self._second,
            "steps": self._steps,
            "product": self._product,
        }
        self._scratch, self._direction = np.empty_like(parameters), np.empty_like(parameters)

    def update(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        number, scratch, direction = parameters.dtype.type, self._scratch, self._direction
        self._steps += 1
        t = int(self._steps)
        momentum, next_momentum = self._momentum(t), self._momentum(t + 1)
        self._product *= momentum
        product = float(self._product)
        self._remember(gradient)
        np.multiply(gradient, number(learning_rate * (1 - momentum) / (1 - product)), out=direction)
        ahead = learning_rate * next_momentum / (1 - product * next_momentum)
        np.multiply(self._first, number(ahead), out=scratch)
        np.add(direction, scratch, out=direction)
        np.multiply(self._second, number(1 / (1 - self._chosen.beta2**t)), out=scratch)
        np.sqrt(scratch, out=scratch)
        np.add(scratch, number(self._chosen.epsilon), out=scratch)
        np.divide(direction, scratch, out=direction)
        np.subtract(parameters, direction, out=parameters)

    def _momentum(self, t: int) -> float:
        return self._chosen.beta1 * (1 - 0.5 * math.pow(0.96, t * self._chosen.momentum_decay))

    def _remember(self, gradient: Array) -> None:
        number, scratch = gradient.dtype.type, self._scratch
        np.multiply(gradient, number(1 - self._chosen.beta1), out=scratch)
        np.multiply(self._first, number(self._chosen.beta1), out=self._first)
        np.add(self._first, scratch, out=self._first)
        np.multiply(gradient, gradient, out=scratch)
        np.multiply(scratch, number(1 - self._chosen.beta2), out=scratch)
        np.multiply(self._second, number(self._chosen.beta2), out=self._second)
        np.add(self._second, scratch, out=self._second)
