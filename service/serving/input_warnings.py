"""Warnings about inputs: numbers outside the range of training, unseen categories, and missing values filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import as_text
from models.data.signature import FeatureSignature, Signature
from service.problems import shorten

MOST_WARNINGS = 100
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InputWarnings:
    """At most 100 of `count` warnings."""

    items: list[CodedWarning]
    count: int

    def to_json(self) -> bytes:
        """The JSON list of the warnings."""
        return orjson.dumps([warning.for_input() for warning in self.items])


NONE = InputWarnings([], 0)


class InputRanges:
    """The range or categories of each feature in training. Built once for a version."""

    def __init__(self, signature: Signature) -> None:
        self._features = signature.features
        self._low = np.array(
            [-np.inf if feature.minimum is None else feature.minimum for feature in signature.features]
        )
        self._high = np.array(
            [np.inf if feature.maximum is None else feature.maximum for feature in signature.features]
        )
        self._limits = tuple(zip(self._low.tolist(), self._high.tolist(), strict=True))
        self._levels = [frozenset(feature.categories or ()) for feature in signature.features]

    def hold(self, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Whether all numbers are within range, for rows so few that NumPy would be slower."""
        limits = self._limits
        try:
            return all(low <= value <= high for row in rows for (low, high), value in zip(limits, row, strict=True))
        except TypeError:  # None is a missing value
            return False

    def in_matrix(self, matrix: Array) -> InputWarnings:
        """Warnings about numbers of shape (n_rows, n_features)."""
        within = (matrix >= self._low) & (matrix <= self._high)  # false for NaN, a missing value
        if within.all():
            return NONE
        rows, positions = np.nonzero(~within)
        first = zip(rows[:MOST_WARNINGS].tolist(), positions[:MOST_WARNINGS].tolist(), strict=True)
        return InputWarnings([self._number(row, position, matrix[row, position]) for row, position in first], len(rows))

    def in_columns(self, columns: Sequence[Sequence[Any]]) -> InputWarnings:
        """Warnings about the values of each feature, in their order."""
        places = [
            (row, position)
            for position, values in enumerate(columns)
            for row, value in enumerate(values)
            if not self._is_known(position, value)
        ]
        places.sort()
        items = [self._warning(row, position, columns[position][row]) for row, position in places[:MOST_WARNINGS]]
        return InputWarnings(items, len(places))

    def _is_known(self, position: int, value: Any) -> bool:
        feature = self._features[position]
        if value is None:
            return False
        if feature.type == "number":
            return bool(self._low[position] <= value <= self._high[position])
        return feature.type != "category" or as_text(value) in self._levels[position]

    def _warning(self, row: int, position: int, value: Any) -> CodedWarning:
        feature = self._features[position]
        if feature.type == "number":
            return self._number(row, position, np.nan if value is None else value)
        if value is None:
            return _filled(row, feature)
        message = f"{feature.name} {shorten(str(as_text(value)), 40)!r} was never seen in training"
        return CodedWarning(WarningCode.UNSEEN_CATEGORY, message, feature.name, row)

    def _number(self, row: int, position: int, value: float) -> CodedWarning:
        feature = self._features[position]
        if value != value:
            return _filled(row, feature)
        limits = f"{feature.minimum:g} to {feature.maximum:g}"
        message = f"{feature.name} {value:g} is outside the range seen in training, {limits}"
        return CodedWarning(WarningCode.OUTSIDE_RANGE, message, feature.name, row)


def _filled(row: int, feature: FeatureSignature) -> CodedWarning:
    message = f"{feature.name} is missing; a value fitted in training was used"
    return CodedWarning(WarningCode.MISSING_FILLED, message, feature.name, row)


def of_rows(warnings: InputWarnings, start: int, stop: int) -> InputWarnings:
    """The warnings of one stretch of rows, counted from its start, where none were left out."""
    if not warnings.count:
        return NONE
    rows = range(start, stop)
    items = [shift_row(warning, -start) for warning in warnings.items if warning.row in rows]
    return InputWarnings(items, len(items))


def shift_row(warning: CodedWarning, rows: int) -> CodedWarning:
    """The warning with its row counted from another beginning."""
    assert warning.row is not None
    return replace(warning, row=warning.row + rows)
