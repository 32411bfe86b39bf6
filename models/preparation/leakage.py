"""Features that predict the label too well: most often they were recorded after it, and cannot help to predict it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Column, Table, shown_value

FEWEST_ROWS = 20
FEWEST_ROWS_A_VALUE = 5
PERFECT_CORRELATION = 1 - 1e-9


def leakage_warnings(training: Table, features: Sequence[str], labels: Sequence[str]) -> list[CodedWarning]:
    """A warning for each feature that equals or determines a label; none where there is only one feature."""
    if len(features) < 2:
        return []
    warnings = []
    for label in (training[name] for name in labels):
        label_codes = _codes(label)
        relations = ((training[name], _relation(training[name], label, label_codes)) for name in features)
        warnings += [_warning(feature, relation) for feature, relation in relations if relation]
    return warnings


def _warning(feature: Column, relation: str) -> CodedWarning:
    message = f"{feature.name!r} {relation}; leave it out if it is not known before the label is."
    return CodedWarning(WarningCode.LEAKAGE, message, feature.name)


def _relation(feature: Column, label: Column, label_codes: NDArray[np.int64]) -> str:
    """How the feature predicts the label, as the warning says it; empty where it does not."""
    known = ~feature.missing
    row = _row_of_value_with_gaps(known, label_codes)
    if row is not None:
        which = "has a value" if known[row] else "is empty"
        return f"{which} exactly where {label.name!r} is {shown_value(label, row)}"
    if known.sum() < max(FEWEST_ROWS, 0.9 * known.size):
        return ""
    values, labels, label_codes = feature.values[known], label.values[known], label_codes[known]
    if feature.type == label.type and np.array_equal(values, labels):
        return f"equals {label.name!r} in every row"
    if label_codes.max() < label_codes.size // FEWEST_ROWS_A_VALUE:
        return f"alone determines {label.name!r} in every row" if _determines(feature.take(known), label_codes) else ""
    if feature.type == label.type == "number" and _is_linear(values, labels):
        return f"is a linear function of {label.name!r} in every row"
    return ""


def _row_of_value_with_gaps(known: NDArray[np.bool_], label_codes: NDArray[np.int64]) -> int | None:
    """A row of the label's value that all rows have in which the feature is missing, or is known, and no other row.

    None where there is no such value, or where chance could be the reason.
    """
    if min(known.sum(), (~known).sum()) < FEWEST_ROWS_A_VALUE or known.size < FEWEST_ROWS:
        return None
    for rows in (~known, known):
        row = int(np.argmax(rows))
        if np.array_equal(label_codes == label_codes[row], rows):
            return row
    return None


def _codes(column: Column) -> NDArray[np.int64]:
    """The rank of each row's value among the distinct values, from 0; no value may be missing."""
    codes: NDArray[np.int64] = np.unique(column.values, return_inverse=True)[1]
    return codes


def _determines(feature: Column, label_codes: NDArray[np.int64]) -> bool:
    """Whether the label is a function of the feature that is too simple to occur by chance.

    As a function of a number, the label must change once less often than it has values; of a category, there must be
    five rows for each of its values.
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
