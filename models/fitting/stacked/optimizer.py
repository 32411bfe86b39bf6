"""Any optimizer for many networks at once, each with its own learning rate and weight decay."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.arrays import Array
from models.fitting.stacked.layout import Layout
from models.specification import Adam, AdamW, Lion
from models.specification import Optimizer as Choice
from models.training.optimizers import Lbfgs, Optimizer, optimizer_for


class StackedOptimizer:
    """θ ← (1 − η λ) θ + η Δ, where Δ is the optimizer's own step at a rate of 1, and η, λ are each network's.

    Except for L-BFGS, all steps are proportional to their rate, so that one optimizer serves all networks.
    """

    def __init__(self, layout: Layout, choices: Sequence[Choice], parameters: Array) -> None:
        self._layout, self._parameters = layout, parameters
        self._decays = np.array([getattr(choice, "weight_decay", 0.0) for choice in choices])
        self._step = np.zeros_like(parameters)
        self.inner = _inner(choices[0], self._step)
        self.gradient = self.inner.gradient
        self._rates: tuple[float, ...] = ()
        self._rate = self._kept = self._step

    def update(self, rates: tuple[float, ...]) -> None:
        """Update the parameters once, those of each network at its rate."""
        if rates != self._rates:
            self._set_rates(rates)
        if self._decays.any():
            np.multiply(self._parameters, self._kept, out=self._parameters)
        self._step.fill(0)
        self.inner.update(1.0)
        np.multiply(self._step, self._rate, out=self._step)
        np.add(self._parameters, self._step, out=self._parameters)

    def _set_rates(self, rates: tuple[float, ...]) -> None:
        dtype = self._parameters.dtype
        self._rates, self._rate = rates, self._layout.spread(rates, dtype)
        self._kept = self._layout.spread((1 - np.array(rates) * self._decays).tolist(), dtype)


def at_rate_one(choice: Choice) -> Choice:
    """The choice with a learning rate of 1 and no weight decay: equal for optimizers that differ in these alone."""
    changes: dict[str, Any] = {"learning_rate": 1.0}
    if isinstance(choice, AdamW | Lion):
        changes["weight_decay"] = 0.0
    return replace(choice, **changes)


def _inner(choice: Choice, step: Array) -> Optimizer:
    plain = at_rate_one(choice)
    if isinstance(plain, AdamW):
        plain = Adam(learning_rate=1.0, beta1=plain.beta1, beta2=plain.beta2, epsilon=plain.epsilon)
    optimizer = optimizer_for(plain, step)
    assert not isinstance(optimizer, Lbfgs)
    return optimizer
