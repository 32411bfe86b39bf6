"""How far to go in a direction: far enough to fall, and to where the slope has flattened."""

from collections.abc import Callable
from dataclasses import dataclass

from models.arrays import Array

SUFFICIENT_FALL = 1e-4
REMAINING_SLOPE = 0.9


@dataclass(frozen=True)
class Point:
    """The loss at a distance along the direction, its slope there along it, and the whole gradient."""

    distance: float
    loss: float
    slope: float
    gradient: Array


def strong_wolfe(at: Callable[[float], Point], start: Point, first: float, looks: int) -> Point:
    """A point that meets the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6).

    φ(t) ≤ φ(0) + c₁ t φ′(0) and |φ′(t)| ≤ c₂ |φ′(0)|. After so many looks without one, the lowest point seen.
    """
    low, high, distance, lowest = start, None, first, start
    for _ in range(looks):
        point = at(distance)
        if point.loss < lowest.loss:
            lowest = point
        if not _falls_enough(point, start) or point.loss >= low.loss:
            high = point
        elif abs(point.slope) <= REMAINING_SLOPE * abs(start.slope):
            return point
        else:
            towards_high = 1.0 if high is None else high.distance - low.distance
            if point.slope * towards_high >= 0:
                high = low
            low = point
        distance = 2 * low.distance if high is None else _inside(low, high)
    return lowest


def _falls_enough(point: Point, start: Point) -> bool:
    """False for a loss that is no number, too."""
    return point.loss <= start.loss + SUFFICIENT_FALL * point.distance * start.slope


def _inside(low: Point, high: Point) -> float:
    """The least point of the parabola through φ(low), φ′(low) and φ(high), kept away from both ends."""
    width = high.distance - low.distance
    curvature = 2 * (high.loss - low.loss - low.slope * width)
    share = -low.slope * width / curvature if curvature > 0 else 0.5
    return low.distance + width * min(max(share, 0.1), 0.9)
