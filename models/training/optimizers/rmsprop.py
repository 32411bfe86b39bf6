"""RMSProp."""

import numpy as np

from models import specification
from models.arrays import Array, constant
from models.training.optimizers.optimizer import Numbers


class RmsProp:
    """v ← ρ v + (1 − ρ) g², θ ← θ − η g / (√v + ε) (Hinton 2012, lecture 6e).

    With momentum μ: u ← μ u + g / (√v + ε), θ ← θ − η u.
    """

    def __init__(self, choice: specification.RmsProp, parameters: Array) -> None:
        self._parameters = parameters
        self.gradient: Array = np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"square": np.zeros_like(parameters)}
        if choice.momentum > 0:
            self.arrays["velocity"] = np.zeros_like(parameters)
        self.numbers: Numbers = {}
        self._scratch = np.empty_like(parameters)
        self._keep, self._take = constant(choice.decay, parameters), constant(1 - choice.decay, parameters)
        self._momentum, self._epsilon = constant(choice.momentum, parameters), constant(choice.epsilon, parameters)
        self._rate = constant(0, parameters)

    def update(self, learning_rate: float) -> None:
        self._rate[...] = learning_rate
        square, scratch = self.arrays["square"], self._scratch
        np.multiply(self.gradient, self.gradient, scratch)
        np.multiply(scratch, self._take, scratch)
        np.multiply(square, self._keep, square)
        np.add(square, scratch, square)
        np.sqrt(square, scratch)
        np.add(scratch, self._epsilon, scratch)
        direction = self._with_momentum(np.divide(self.gradient, scratch, out=scratch))
        np.multiply(direction, self._rate, scratch)
        np.subtract(self._parameters, scratch, self._parameters)

    def _with_momentum(self, direction: Array) -> Array:
        velocity = self.arrays.get("velocity")
        if velocity is None:
            return direction
        np.multiply(velocity, self._momentum, velocity)
        return np.add(velocity, direction, out=velocity)
