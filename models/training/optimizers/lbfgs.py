"""L-BFGS with a line search for the strong Wolfe conditions: full batches, no learning rate."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models import specification
from models.arrays import Array
from models.training.optimizers.optimizer import Numbers

SUFFICIENT_FALL = 1e-4
REMAINING_SLOPE = 0.9


@dataclass(frozen=True)
class Point:
    """The loss at a distance along the direction, its slope there along it, and the whole gradient."""

    distance: float
    loss: float
    slope: float
    gradient: Array


def strong_wolfe(at: Callable[[float], Point], start: Point, first: float, most_evaluations: int) -> Point:
    """A point that meets the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6).

    φ(t) ≤ φ(0) + c₁ t φ′(0) and |φ′(t)| ≤ c₂ |φ′(0)|. If no point meets them in `most_evaluations`, the lowest one.
    """
    # `low` is the lowest point so far that falls enough, and the interval from `low` to `high` holds a point that meets
    # both conditions. Until there is a `high` (algorithm 3.5) the distance doubles; from then on (algorithm 3.6) the
    # interval shrinks towards such a point. `high` may lie on either side of `low`.
    low, high, distance, lowest = start, None, first, start
    for _ in range(most_evaluations):
        point = at(distance)
        if point.loss < lowest.loss:
            lowest = point
        if not _falls_enough(point, start) or point.loss >= low.loss:
            high = point
        elif abs(point.slope) <= REMAINING_SLOPE * abs(start.slope):
            return point
        else:
            # The slope at the new `low` must point downhill into the interval; else the old `low` is its other end.
            towards_high = 1.0 if high is None else high.distance - low.distance
            if point.slope * towards_high >= 0:
                high = low
            low = point
        distance = 2 * low.distance if high is None else _inside(low, high)
    return lowest


def _falls_enough(point: Point, start: Point) -> bool:
    """Whether the loss falls by enough; False for a loss that is not a number."""
    return point.loss <= start.loss + SUFFICIENT_FALL * point.distance * start.slope


def _inside(low: Point, high: Point) -> float:
    """The minimum of the parabola through φ(low), φ′(low) and φ(high), kept away from both ends."""
    width = high.distance - low.distance
    curvature = 2 * (high.loss - low.loss - low.slope * width)
    share = -low.slope * width / curvature if curvature > 0 else 0.5
    return low.distance + width * min(max(share, 0.1), 0.9)


Objective = Callable[[Array], tuple[float, Array]]
"""The loss over all rows at some parameters, and its gradient (an array that the next call may overwrite)."""
SMALLEST_CURVATURE = 1e-10


class Lbfgs:
    """Nocedal and Wright 2006, algorithms 7.4 (two loops) and 7.5, with a line search for the strong Wolfe conditions.

    `line_search_steps` 0 takes a fixed step of `learning_rate` instead. The history is a ring of s = Δθ and y = Δg.
    If the line search finds no lower point, the history is cleared; if it finds none along the negative gradient
    either, the parameters no longer change.
    """

    def __init__(self, choice: specification.Lbfgs, parameters: Array) -> None:
        self._choice = choice
        shape = (choice.history, parameters.size)
        self._moves, self._changes = np.zeros(shape, parameters.dtype), np.zeros(shape, parameters.dtype)
        self._gradient = np.zeros_like(parameters)
        self.arrays: dict[str, Array] = {"moves": self._moves, "changes": self._changes, "gradient": self._gradient}
        self.numbers: Numbers = {"steps": 0, "pairs": 0, "loss": 0.0, "rests": 0}

    def step(self, parameters: Array, objective: Objective, learning_rate: float) -> None:
        """Update the parameters once, evaluating the objective as often as the line search needs."""
        if self.numbers["rests"]:
            return
        if self.numbers["steps"] == 0:
            self._evaluate(objective, parameters)
        direction = self._direction()
        if not float(np.dot(direction, self._gradient)) < 0:
            self.numbers["pairs"] = 0
            direction = -self._gradient
        rate = learning_rate * self._first_scale() if self.numbers["pairs"] == 0 else learning_rate
        before, gradient_before = parameters.copy(), self._gradient.copy()
        self._move(parameters, direction, rate, objective)
        self.numbers["steps"] += 1
        self._remember(parameters - before, self._gradient - gradient_before)

    def _first_scale(self) -> float:
        """The factor that makes a step along the gradient about 1 long, while no curvature is known."""
        return min(1.0, 1.0 / max(float(np.sum(np.abs(self._gradient))), 1e-30))

    def _move(self, parameters: Array, direction: Array, rate: float, objective: Objective) -> None:
        start = parameters.copy()
        if self._choice.line_search_steps == 0:
            parameters += parameters.dtype.type(rate) * direction
            return self._evaluate(objective, parameters)

        def at(distance: float) -> Point:
            loss, gradient = objective(start + parameters.dtype.type(distance) * direction)
            return Point(distance, loss, float(np.dot(gradient, direction)), gradient.copy())

        origin = Point(0.0, self.numbers["loss"], float(np.dot(self._gradient, direction)), self._gradient)
        end = strong_wolfe(at, origin, rate, self._choice.line_search_steps)
        if end.distance == 0:
            self.numbers["rests"] = int(self.numbers["pairs"] == 0)
            self.numbers["pairs"] = 0
        parameters[...] = start + parameters.dtype.type(end.distance) * direction
        self.numbers["loss"], self._gradient[...] = end.loss, end.gradient
        return None

    def _evaluate(self, objective: Objective, parameters: Array) -> None:
        self.numbers["loss"], self._gradient[...] = objective(parameters)

    def _remember(self, move: Array, change: Array) -> None:
        if float(np.dot(move, change)) > SMALLEST_CURVATURE:
            slot = int(self.numbers["pairs"]) % self._choice.history
            self._moves[slot], self._changes[slot] = move, change
            self.numbers["pairs"] += 1

    def _direction(self) -> Array:
        """−H g, where H is the inverse Hessian that the remembered pairs imply."""
        # Two loops over the pairs (s, y): with ρ = 1 / sᵀy, α = ρ sᵀq from the newest to the oldest, then
        # β = ρ yᵀq from the oldest to the newest. Between them q is scaled by sᵀy / yᵀy of the newest pair.
        newest_first = [i % self._choice.history for i in range(int(self.numbers["pairs"]) - 1, self._oldest() - 1, -1)]
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
        return max(int(self.numbers["pairs"]) - self._choice.history, 0)
