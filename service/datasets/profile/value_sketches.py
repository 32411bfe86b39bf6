"""How many distinct values a column has and which are the most common, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

MOST_HASHES = 4096
MOST_VALUES = 10_000
TOP_VALUES = 10
LONGEST_VALUE = 100


class DistinctSketch:
    """The smallest hashes of the values. Exact below `MOST_HASHES` distinct values; else an estimate.

    If the k-th smallest of uniform hashes is at the share u of their range, there are about (k − 1) / u distinct values
    (Bar-Yossef et al. 2002); the relative error is about 1 / √k, here 1.6 %.
    """

    def __init__(self) -> None:
        self._smallest: Hashes = np.empty(0, dtype=np.uint64)
        self.is_exact = True

    def add_numbers(self, values: NDArray[np.float64]) -> None:
        self._add(mix((values + 0.0).view(np.uint64)))  # + 0.0 turns −0 into 0

    def add_texts(self, values: Iterable[str]) -> None:
        self._add(np.fromiter((hash(value) & 0xFFFFFFFFFFFFFFFF for value in values), dtype=np.uint64))

    def _add(self, hashes: Hashes) -> None:
        if self._smallest.size == MOST_HASHES:
            hashes = hashes[hashes < self._smallest[-1]]
        smallest = np.union1d(self._smallest, hashes)
        if smallest.size > MOST_HASHES:
            smallest, self.is_exact = smallest[:MOST_HASHES], False
        self._smallest = smallest

    def count(self) -> int:
        if self.is_exact:
            return int(self._smallest.size)
        return round((MOST_HASHES - 1) / (float(self._smallest[-1]) / 2**64))


def mix(bits: Hashes) -> Hashes:
    """The bits of numbers as uniform hashes (the finalizer of SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


class TopSketch:
    """Counts of the most common values; if there are too many the rarest are dropped, and `is_exact` is false."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.is_exact = True

    def add(self, counts: Mapping[str, int]) -> None:
        self._counts.update(counts)
        if len(self._counts) > MOST_VALUES:
            self._counts = Counter(dict(self._counts.most_common(MOST_VALUES // 2)))
            self.is_exact = False

    def top(self) -> list[dict[str, Any]]:
        """The most common values first, equally common ones by their text."""
        ordered = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP_VALUES]
        return [{"value": value[:LONGEST_VALUE], "count": count} for value, count in ordered]
