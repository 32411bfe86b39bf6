"""What a reader of a prediction should know of its input: out of the range seen, never seen, or filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from models.data.columns import as_text
from models.data.signature import FeatureSignature, Signature
from service.problems import shorten

MOST_WARNINGS = 100
Array = NDArray[np.float64]


class InputWarning(TypedDict):
    code: str
    row: int
    feature: str
    message: str


@dataclass(frozen=True, slots=True)
class InputWarnings:
    """At most 100 warnings of `count`."""

    items: list[InputWarning]
    count: int


NONE = InputWarnings([], 0)


class InputRanges:
    """What training met of each feature. Made once for a version."""

    def __init__(self, signature: Signature) -> None:
        self._features = signature.features
        self._low = np.array([-np.inf if one.minimum is None else one.minimum for one in signature.features])
        self._high = np.array([np.inf if one.maximum is None else one.maximum for one in signature.features])
        self._limits = tuple(zip(self._low.tolist(), self._high.tolist(), strict=True))
        self._levels = [frozenset(one.categories or ()) for one in signature.features]

    def hold(self, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Whether all numbers of a few rows are within; so few that NumPy would take longer to begin."""
        limits = self._limits
        try:
            return all(low <= value <= high for row in rows for (low, high), value in zip(limits, row, strict=True))
        except TypeError:  # None is a value that was filled
            return False

    def in_matrix(self, matrix: Array) -> InputWarnings:
        """Of rows that are all numbers, of shape (n_rows, n_features)."""
        within = (matrix >= self._low) & (matrix <= self._high)  # false for NaN, which is a value that was filled
        if within.all():
            return NONE
        rows, positions = np.nonzero(~within)
        first = zip(rows[:MOST_WARNINGS].tolist(), positions[:MOST_WARNINGS].tolist(), strict=True)
        return InputWarnings([self._number(row, position, matrix[row, position]) for row, position in first], len(rows))

    def in_columns(self, columns: Sequence[Sequence[Any]]) -> InputWarnings:
        """Of the values of each feature, in their order."""
        found = [
            (row, position)
            for position, values in enumerate(columns)
            for row, value in enumerate(values)
            if not self._is_known(position, value)
        ]
        found.sort()
        items = [self._caution(row, position, columns[position][row]) for row, position in found[:MOST_WARNINGS]]
        return InputWarnings(items, len(found))

    def _is_known(self, position: int, value: Any) -> bool:
        feature = self._features[position]
        if value is None:
            return False
        if feature.type == "number":
            return bool(self._low[position] <= value <= self._high[position])
        return feature.type != "category" or as_text(value) in self._levels[position]

    def _caution(self, row: int, position: int, value: Any) -> InputWarning:
        feature = self._features[position]
        if feature.type == "number":
            return self._number(row, position, np.nan if value is None else value)
        if value is None:
            return _filled(row, feature)
        message = f"{feature.name} {shorten(str(as_text(value)), 40)!r} was never seen in training"
        return {"code": "unseen-category", "row": row, "feature": feature.name, "message": message}

    def _number(self, row: int, position: int, value: float) -> InputWarning:
        feature = self._features[position]
        if value != value:
            return _filled(row, feature)
        seen = f"{feature.minimum:g} to {feature.maximum:g}"
        message = f"{feature.name} {value:g} is outside the range seen in training, {seen}"
        return {"code": "outside-range", "row": row, "feature": feature.name, "message": message}


def _filled(row: int, feature: FeatureSignature) -> InputWarning:
    message = f"{feature.name} is missing and was filled as training learnt it"
    return {"code": "missing-filled", "row": row, "feature": feature.name, "message": message}


def of_rows(cautions: InputWarnings, start: int, stop: int) -> InputWarnings:
    """Those of one stretch of rows, counted from its start, where none were left out."""
    if not cautions.count:
        return NONE
    items = [InputWarning(**one | {"row": one["row"] - start}) for one in cautions.items if start <= one["row"] < stop]
    return InputWarnings(items, len(items))
