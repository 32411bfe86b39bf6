"""Booleans: 0 and 1, the mode where missing, and a flag column where the training rows have missing values."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from models.arrays import Array
from models.data.columns import Column
from models.data.features.encoder import FeatureEncoder
from models.data.features.statistics import fill_value
from models.data.reading.text_form import TextForm
from models.specification.json_codec import LEFT_OUT_WHEN_NONE


@dataclass(frozen=True, slots=True)
class BooleanEncoder(FeatureEncoder):
    """float64 of 0, 1 and NaN, of shape (n_rows,), to (n_rows, 1), or (n_rows, 2) with the flag."""

    name: str
    fill: float
    nullable: bool
    type: Literal["boolean"] = "boolean"
    form: TextForm | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    flagged: bool | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    @classmethod
    def learn(cls, column: Column) -> "BooleanEncoder":
        """The encoder fitted to the training rows."""
        missing = column.missing
        return cls(column.name, fill_value(column.values[~missing], "mode"), bool(missing.any()))

    @property
    def width(self) -> int:
        """The number of columns that this feature has in the matrix."""
        return 2 if self.has_flag else 1

    @property
    def minimum(self) -> None:
        """Booleans have no range."""

    maximum = categories = minimum

    def write(self, values: Array, out: Array) -> None:
        """Write the values, and the flag for missing ones where there is a column for it."""
        out[:, 0] = values
        missing = np.isnan(values)
        if missing.any():
            out[missing, 0] = self.fill
        if self.has_flag:
            out[:, 1] = missing
