"""Booleans: 0 and 1, the commonest where missing, and a flag column where training met missing values."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.columns import Column
from models.features.missing import fill_value

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class BooleanEncoder:
    """float64 of 0, 1 and NaN, of shape (n_rows,), to (n_rows, 1), or (n_rows, 2) with the flag."""

    name: str
    fill: float
    nullable: bool
    type: Literal["boolean"] = "boolean"

    @classmethod
    def learn(cls, column: Column) -> "BooleanEncoder":
        """Measure the training rows."""
        missing = column.missing
        return cls(column.name, fill_value(column.values[~missing], "mode"), bool(missing.any()))

    @property
    def width(self) -> int:
        """Columns of the matrix that this feature takes."""
        return 2 if self.nullable else 1

    @property
    def minimum(self) -> None:
        """Booleans have no range."""

    maximum = categories = minimum

    def encode(self, values: Array) -> Array:
        """The values and, where training met missing ones, which are missing."""
        missing = np.isnan(values)
        filled = np.where(missing, self.fill, values)
        return np.column_stack([filled, missing]) if self.nullable else filled[:, None]
