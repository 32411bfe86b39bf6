"""Statistics of a number column in bounded memory: exact for few values, else partly from a uniform sample."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SAMPLE_SIZE = 65_536
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS = 20


class NumberSketch:
    """Count, mean and variance are merged block by block (Chan, Golub and LeVeque 1979); the rest is from a sample."""

    def __init__(self) -> None:
        self.count = 0
        self.minimum, self.maximum = math.inf, -math.inf
        self._mean = self._squares = 0.0
        self._sample: Array = np.empty(0)
        self._weights: Array = np.empty(0)
        self._largest_weight = 1.0
        self._rng = np.random.default_rng(0)

    def add(self, values: Array) -> None:
        if not values.size:
            return
        with np.errstate(all="ignore"):
            self._merge_moments(values)
        self.minimum = min(self.minimum, float(values.min()))
        self.maximum = max(self.maximum, float(values.max()))
        self._merge_sample(values)

    def _merge_moments(self, values: Array) -> None:
        n, mean = values.size, float(values.mean())
        squares = float(((values - mean) ** 2).sum())
        total, difference = self.count + n, mean - self._mean
        self._squares += squares + difference * difference * self.count * n / total
        self._mean += difference * n / total
        self.count = total

    def _merge_sample(self, values: Array) -> None:
        """Each value gets a random weight; the smallest weights stay, so that every value has the same chance."""
        new_weights = self._rng.random(values.size)
        if self._sample.size == SAMPLE_SIZE:
            is_small = new_weights < self._largest_weight
            values, new_weights = values[is_small], new_weights[is_small]
        sample, weights = np.concatenate([self._sample, values]), np.concatenate([self._weights, new_weights])
        if sample.size > SAMPLE_SIZE:
            chosen = np.argpartition(weights, SAMPLE_SIZE)[:SAMPLE_SIZE]
            sample, weights = sample[chosen], weights[chosen]
            self._largest_weight = float(weights.max())
        self._sample, self._weights = sample, weights

    def statistics(self) -> dict[str, Any]:
        """The statistics by their names in `ColumnProfile`."""
        if not self.count:
            return {}
        deviation = math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else 0.0
        return {
            "minimum": finite(self.minimum),
            "maximum": finite(self.maximum),
            "mean": finite(self._mean),
            "standard_deviation": finite(deviation),
            "quantiles": self._quantiles(),
            "histogram": self._histogram(),
            "approximate": ["quantiles", "histogram"] if self.count > SAMPLE_SIZE else [],
        }

    def _quantiles(self) -> dict[str, float] | None:
        with np.errstate(all="ignore"):
            values = np.quantile(self._sample, QUANTILES)
        if not np.isfinite(values).all():
            return None
        return {str(share): float(value) for share, value in zip(QUANTILES, values, strict=True)}

    def _histogram(self) -> dict[str, Any] | None:
        """Counts of the whole column, in bins of equal width from the smallest value to the largest."""
        if not math.isfinite(self.maximum - self.minimum):
            return None
        try:
            counts, edges = np.histogram(self._sample, BINS, (self.minimum, self.maximum))
        except ValueError:  # the values are too close together for so many bins
            return None
        scaled = np.rint(counts * (self.count / self._sample.size)).astype(int)
        return {"edges": edges.tolist(), "counts": scaled.tolist()}


def finite(value: float) -> float | None:
    """The value, or None where JSON has no number for it."""
    return value if math.isfinite(value) else None
