"""L-BFGS: Newton's step, with the curvature read off the last few steps."""

from collections.abc import Callable

import numpy as np

from models import specification
from models.arrays import Array
from models.optimizers.line_search import Point, strong_wolfe
from models.optimizers.optimizer import Numbers

Objective = Callable[[Array], tuple[float, Array]]
"""The loss over all rows at some parameters, and its gradient (an array that the next call may write over)."""

SMALLEST_CURVATURE = 1e-10


class Lbfgs:
    """Nocedal and Wright 2006, algorithms 7.4 (two loops) and 7.5, with a line search for the strong Wolfe conditions.

    `line_search_steps` 0 takes a fixed step of `learning_rate` instead. The history is a ring of s = Δθ and y = Δg.
    Where no lower point is found, it is forgotten; where none is found downhill either, the parameters rest.
    """

    def __init__(self, chosen: specification.Lbfgs, parameters: Array) -> None:
        self._chosen = chosen
        shape = (chosen.history, parameters.size)
        self._moves, self._changes = np.zeros(shape, parameters.dtype), np.zeros(shape, parameters.dtype)
        self._gradient = np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"moves": self._moves, "changes": self._changes, "gradient": self._gradient}
        self.numbers: Numbers = {"steps": 0, "pairs": 0, "loss": 0.0, "rests": 0}

    def step(self, parameters: Array, objective: Objective, learning_rate: float) -> None:
        """Move the parameters once, looking at the objective as often as the line search needs."""
        if self.numbers["rests"]:
            return
        if self.numbers["steps"] == 0:
            self._look(objective, parameters)
        direction = self._direction()
        if not float(np.dot(direction, self._gradient)) < 0:
            self.numbers["pairs"] = 0
            direction = -self._gradient
        rate = learning_rate * self._first_scale() if self.numbers["pairs"] == 0 else learning_rate
        before, gradient_before = parameters.copy(), self._gradient.copy()
        self._go(parameters, direction, rate, objective)
        self.numbers["steps"] += 1
        self._remember(parameters - before, self._gradient - gradient_before)

    def _first_scale(self) -> float:
        """Without a curvature yet, the step is about as long as 1."""
        return min(1.0, 1.0 / max(float(np.sum(np.abs(self._gradient))), 1e-30))

    def _go(self, parameters: Array, direction: Array, rate: float, objective: Objective) -> None:
        start = parameters.copy()
        if self._chosen.line_search_steps == 0:
            parameters += parameters.dtype.type(rate) * direction
            return self._look(objective, parameters)

        def at(distance: float) -> Point:
            loss, gradient = objective(start + parameters.dtype.type(distance) * direction)
            return Point(distance, loss, float(np.dot(gradient, direction)), gradient.copy())

        here = Point(0.0, self.numbers["loss"], float(np.dot(self._gradient, direction)), self._gradient)
        found = strong_wolfe(at, here, rate, self._chosen.line_search_steps)
        if found.distance == 0:
            self.numbers["rests"] = int(self.numbers["pairs"] == 0)
            self.numbers["pairs"] = 0
        parameters[...] = start + parameters.dtype.type(found.distance) * direction
        self.numbers["loss"], self._gradient[...] = found.loss, found.gradient
        return None

    def _look(self, objective: Objective, parameters: Array) -> None:
        self.numbers["loss"], self._gradient[...] = objective(parameters)

    def _remember(self, move: Array, change: Array) -> None:
        if float(np.dot(move, change)) > SMALLEST_CURVATURE:
            slot = int(self.numbers["pairs"]) % self._chosen.history
            self._moves[slot], self._changes[slot] = move, change
            self.numbers["pairs"] += 1

    def _direction(self) -> Array:
        """−H g, where H is the inverse Hessian that the remembered pairs imply."""
        newest_first = [i % self._chosen.history for i in range(int(self.numbers["pairs"]) - 1, self._oldest() - 1, -1)]
        q, shares = -self._gradient, {}
        for i in newest_first:
            shares[i] = np.dot(self._moves[i], q) / np.dot(self._moves[i], self._changes[i])
            q = q - shares[i] * self._changes[i]
        if newest_first:
            s, y = self._moves[newest_first[0]], self._changes[newest_first[0]]
            q = q * (np.dot(s, y) / np.dot(y, y))
        for i in reversed(newest_first):
            back = np.dot(self._changes[i], q) / np.dot(self._moves[i], self._changes[i])
            q = q + (shares[i] - back) * self._moves[i]
        return q

    def _oldest(self) -> int:
        return max(int(self.numbers["pairs"]) - self._chosen.history, 0)
