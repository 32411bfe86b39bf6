"""Dates: the moment on a scale, and where in its year, week and day it falls, each as a point on a circle."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from models.arrays import Array
from models.data.columns import Column
from models.data.features.encoder import FeatureEncoder
from models.data.features.statistics import mean, spread
from models.data.reading.text_form import TextForm
from models.specification.json_codec import LEFT_OUT_WHEN_NONE

MICROSECONDS_A_DAY = 86_400_000_000
DAYS_A_YEAR = 365.2425
Cycle = Literal["year", "week", "day"]
PERIOD_DAYS: dict[Cycle, float] = {"year": DAYS_A_YEAR, "week": 7.0, "day": 1.0}


@dataclass(frozen=True, slots=True)
class DateEncoder(FeatureEncoder):
    """datetime64[us] of shape (n_rows,) to the scaled day, sine and cosine of each cycle, and a flag for missing dates.

    `format` is the strptime format of the column's texts, which a caller may use too; None is ISO 8601.
    A cycle is used where the training rows span at least one period (for the day: where they have times of day).
    """

    name: str
    shift: float
    scale: float
    cycles: tuple[Cycle, ...]
    nullable: bool
    type: Literal["date"] = "date"
    format: str | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    form: TextForm | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    flagged: bool | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    @classmethod
    def learn(cls, column: Column, date_format: str | None = None) -> "DateEncoder":
        """The encoder fitted to the training rows; the day is always scaled to mean 0 and deviation 1."""
        missing = column.missing
        days = days_since_1970(column.values[~missing])
        if not days.size:
            return cls(column.name, 0.0, 1.0, (), True, format=date_format)
        shift, scale = mean(days), spread(days) or 1.0
        return cls(column.name, shift, scale, _cycles(days), bool(missing.any()), format=date_format)

    @property
    def width(self) -> int:
        """The number of columns that this feature has in the matrix."""
        return 1 + 2 * len(self.cycles) + self.has_flag

    @property
    def minimum(self) -> None:
        """Dates have no range."""

    maximum = categories = minimum

    def write(self, values: Array, out: Array) -> None:
        """Write the columns of each date; a missing date is all zeros, except for its flag."""
        missing = np.isnat(values)
        days = days_since_1970(values)
        days[missing] = self.shift
        out[:, 0] = (days - self.shift) / self.scale
        for k, cycle in enumerate(self.cycles):
            angle = 2 * np.pi * np.mod(days, PERIOD_DAYS[cycle]) / PERIOD_DAYS[cycle]
            np.sin(angle, out=out[:, 1 + 2 * k])
            np.cos(angle, out=out[:, 2 + 2 * k])
        if missing.any():
            out[missing] = 0.0
        if self.has_flag:
            out[:, -1] = missing


def days_since_1970(moments: Array) -> Array:
    """Days as float64, undefined for NaT."""
    days: Array = moments.astype("datetime64[us]").astype(np.int64) / MICROSECONDS_A_DAY
    return days


def _cycles(days: Array) -> tuple[Cycle, ...]:
    span = float(days.max() - days.min())
    used: list[Cycle] = [cycle for cycle in ("year", "week") if span >= PERIOD_DAYS[cycle]]
    return (*used, "day") if np.any(np.mod(days, 1.0) != 0) else tuple(used)
