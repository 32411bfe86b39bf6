"""Features that know the label too well: most often they were written down after it, and can't help to predict it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Column, Table

FEWEST_ROWS = 20
FEWEST_ROWS_A_VALUE = 5
PERFECT_CORRELATION = 1 - 1e-9


def leakage_warnings(training: Table, features: Sequence[str], labels: Sequence[str]) -> list[CodedWarning]:
    """Each feature that equals a label or predicts it without a fault; one alone is the whole task, and no suspect."""
    if len(features) < 2:
        return []
    warnings = []
    for label in (training[name] for name in labels):
        label_codes = _codes(label)
        suspects = ((training[name], _suspicion(training[name], label, label_codes)) for name in features)
        warnings += [_warning(feature, label, why) for feature, why in suspects if why]
    return warnings


def _warning(feature: Column, label: Column, why: str) -> CodedWarning:
    message = (
        f"{feature.name!r} {why} {label.name!r} in every row; leave it out if it is not known before the label is."
    )
    return CodedWarning(WarningCode.LEAKAGE, message, feature.name)


def _suspicion(feature: Column, label: Column, label_codes: NDArray[np.int64]) -> str:
    known = ~feature.missing
    if known.sum() < max(FEWEST_ROWS, 0.9 * known.size):
        return ""
    values, labels, label_codes = feature.values[known], label.values[known], label_codes[known]
    if feature.type == label.type and np.array_equal(values, labels):
        return "equals"
    if label_codes.max() < label_codes.size // FEWEST_ROWS_A_VALUE:
        return "alone determines" if _determines(feature.take(known), label_codes) else ""
    if feature.type == label.type == "number" and _is_linear(values, labels):
        return "is a linear function of"
    return ""


def _codes(column: Column) -> NDArray[np.int64]:
    """Whole numbers from 0, in the order of the values; missing values are one of them."""
    values = column.values
    if column.type == "category":
        values = np.array(["" if value is None else value for value in values], dtype=object)
    codes: NDArray[np.int64] = np.unique(values, return_inverse=True)[1]
    return codes


def _determines(feature: Column, label_codes: NDArray[np.int64]) -> bool:
    """Whether the label is a function of the feature, and one too simple for chance.

    Of a number it must have one threshold less than there are label values, of a category five rows for each value.
    """
    codes = _codes(feature)
    if np.ptp(label_codes) == 0:
        return False
    order = np.lexsort((label_codes, codes))
    codes, label_codes = codes[order], label_codes[order]
    changes = label_codes[1:] != label_codes[:-1]
    if (changes & (codes[1:] == codes[:-1])).any():
        return False
    if feature.type != "category":
        return int(changes.sum()) == np.unique(label_codes).size - 1
    return bool(np.unique(codes).size <= codes.size // FEWEST_ROWS_A_VALUE)


def _is_linear(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt(x @ x) * np.sqrt(y @ y)
    return bool(np.isfinite(scale) and scale > 0 and abs(x @ y) / scale > PERFECT_CORRELATION)
