"""Rows that occur more than once: they count more in training, and make the metrics of held-out rows too good."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Column, Table
from models.data.splits import Split

SHARE_WORTH_A_WARNING = 0.01
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ divided by the golden ratio (Knuth, volume 3, section 6.4)


def duplicate_warnings(table: Table, columns: Sequence[str], split: Split) -> list[CodedWarning]:
    """A warning where at least a hundredth of the rows repeat another row in all features and labels."""
    keys = _row_keys([table[name] for name in columns])
    n_repeated = keys.size - np.unique(keys).size
    if not keys.size or n_repeated < SHARE_WORTH_A_WARNING * keys.size:
        return []
    message = f"{n_repeated} of {keys.size} rows repeat another row in all features and the label."
    n_shared = int(np.isin(keys[split.validation], keys[split.training]).sum())
    if n_shared:
        message += (
            f" {n_shared} of {split.validation.size} held-out rows are also among the training rows, so that their "
            "metrics are too good."
        )
    return [CodedWarning(WarningCode.DUPLICATE_ROWS, message)]


def _row_keys(columns: Sequence[Column]) -> NDArray[np.uint64]:
    """A number of 64 bits for each row: the same for equal rows, and different for others except by 2⁻⁶⁴ chance."""
    keys = np.zeros(columns[0].values.size, dtype=np.uint64)
    for column in columns:
        keys = (keys ^ _value_keys(column)) * _MULTIPLIER
        keys ^= keys >> np.uint64(29)
    return keys


def _value_keys(column: Column) -> NDArray[np.uint64]:
    if column.type == "category":
        hashed = np.fromiter(map(hash, column.values), dtype=np.int64, count=column.values.size)
        return hashed.view(np.uint64)
    if column.type == "date":
        return column.values.astype(np.int64).view(np.uint64)
    return np.where(column.missing, np.nan, column.values + 0.0).view(np.uint64)  # one NaN, and no negative zero
