"""Numbers: missing values are filled, all are scaled, and a flag column is added if training rows have missing ones."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from models.arrays import Array
from models.data.columns import Column
from models.data.features.encoder import FeatureEncoder
from models.data.features.statistics import fill_value, mean, spread
from models.data.reading.text_form import TextForm
from models.specification import ColumnScaling, FillRule, Scaling, ScalingName
from models.specification.json_codec import LEFT_OUT_WHEN_NONE


@dataclass(frozen=True, slots=True)
class NumberEncoder(FeatureEncoder):
    """float64 of shape (n_rows,) to (x − shift) / scale of shape (n_rows, 1), or (n_rows, 2) with the flag."""

    name: str
    shift: float
    scale: float
    fill: float
    nullable: bool
    minimum: float | None
    maximum: float | None
    type: Literal["number"] = "number"
    form: TextForm | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    flagged: bool | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    @classmethod
    def learn(cls, column: Column, scaling: Scaling, rule: FillRule = "mean") -> "NumberEncoder":
        """The encoder fitted to the training rows. The scale of a constant column is 1."""
        missing = column.missing
        known = column.values[~missing]
        fill = fill_value(known, rule)
        shift, scale = _shift_and_scale(column.name, np.where(missing, fill, column.values), scaling)
        low, high = (float(known.min()), float(known.max())) if known.size else (None, None)
        return cls(column.name, shift, scale, fill, bool(missing.any()), low, high)

    @property
    def width(self) -> int:
        """The number of columns that this feature has in the matrix."""
        return 2 if self.has_flag else 1

    @property
    def categories(self) -> None:
        """Numbers have no categories."""

    def write(self, values: Array, out: Array) -> None:
        """Write the scaled numbers, and the flag for missing ones where there is a column for it."""
        out[:, 0] = (values - self.shift) / self.scale
        missing = np.isnan(values)
        if missing.any():
            out[missing, 0] = (self.fill - self.shift) / self.scale
        if self.has_flag:
            out[:, 1] = missing


def _shift_and_scale(name: str, values: Array, scaling: Scaling) -> tuple[float, float]:
    if isinstance(scaling, dict):
        column_scaling = scaling.get(name, ColumnScaling())
        return float(column_scaling.shift), float(column_scaling.scale)
    if not values.size:
        return 0.0, 1.0
    shift, scale = _measure(values, scaling)
    return shift, (scale if scale > 0 and np.isfinite(scale) else 1.0)


def _measure(values: Array, scaling: ScalingName) -> tuple[float, float]:
    """Shift and scale. standard: mean, standard deviation; minmax: minimum, range; robust: median, quartile range."""
    if scaling == "standard":
        return mean(values), spread(values)
    if scaling == "minmax":
        return float(values.min()), float(values.max() - values.min())
    if scaling == "robust":
        low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
        return float(middle), float(high - low)
    return 0.0, 1.0
