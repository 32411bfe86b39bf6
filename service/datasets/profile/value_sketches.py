"""How many distinct values a column has and which are the commonest, in bounded memory."""

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
    """The smallest hashes of the values seen. Exact below `MOST_HASHES` distinct values; else an estimate.

    With the k-th smallest of uniform hashes at the share u of their range there are about (k − 1) / u distinct values
    (Bar-Yossef et al. 2002); its relative error is about 1 / √k, here 1.6 %.
    """

    def __init__(self) -> None:
        self._smallest: Hashes = np.empty(0, dtype=np.uint64)
        self.is_exact = True

    def add_numbers(self, values: NDArray[np.float64]) -> None:
        self._add(mixed((values + 0.0).view(np.uint64)))  # + 0.0 makes −0 and 0 one

    def add_texts(self, values: Iterable[str]) -> None:
        self._add(np.fromiter((hash(value) & 0xFFFFFFFFFFFFFFFF for value in values), dtype=np.uint64))

    def _add(self, hashes: Hashes) -> None:
        if self._smallest.size == MOST_HASHES:
            hashes = hashes[hashes < self._smallest[-1]]
        known = np.union1d(self._smallest, hashes)
        if known.size > MOST_HASHES:
            known, self.is_exact = known[:MOST_HASHES], False
        self._smallest = known

    def count(self) -> int:
        if self.is_exact:
            return int(self._smallest.size)
        return round((MOST_HASHES - 1) / (float(self._smallest[-1]) / 2**64))


def mixed(bits: Hashes) -> Hashes:
    """The bits of numbers as uniform hashes (the finalizer of SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


class TopSketch:
    """Counts of the commonest values; where there are too many the rarest are forgotten, and `is_exact` says so."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.is_exact = True

    def add(self, counts: Mapping[str, int]) -> None:
        self._counts.update(counts)
        if len(self._counts) > MOST_VALUES:
            self._counts = Counter(dict(self._counts.most_common(MOST_VALUES // 2)))
            self.is_exact = False

    def top(self) -> list[dict[str, Any]]:
        """The commonest first, equal ones in the order of their text."""
        ordered = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP_VALUES]
        return [{"value": value[:LONGEST_VALUE], "count": count} for value, count in ordered]
