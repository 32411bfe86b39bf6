"""Categories: one column for each level in the training rows; an unknown level is all zeros."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from models.arrays import Array
from models.data.columns import Column
from models.data.features.encoder import FeatureEncoder
from models.data.reading.text_form import TextForm
from models.errors import BadColumn
from models.specification.json_codec import LEFT_OUT_WHEN_NONE

MOST_LEVELS = 100


@dataclass(frozen=True, slots=True)
class CategoryEncoder(FeatureEncoder):
    """Texts of shape (n_rows,) to (n_rows, n_levels), and a column more where training rows have missing values."""

    name: str
    levels: tuple[str, ...]
    nullable: bool
    type: Literal["category"] = "category"
    form: TextForm | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    flagged: bool | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    @classmethod
    def learn(cls, column: Column) -> "CategoryEncoder":
        """The encoder fitted to the training rows, whose levels are in the order of their texts."""
        missing = column.missing
        levels = tuple(sorted(set(column.values[~missing].tolist())))
        if len(levels) > MOST_LEVELS:
            raise BadColumn(
                column.name,
                [],
                f"{column.name!r} has {len(levels)} different texts, more than the {MOST_LEVELS} that can each have "
                "their own input; leave it out of features, group its rare values, or make it a number or a date.",
            )
        return cls(column.name, levels, bool(missing.any()))

    @property
    def width(self) -> int:
        """The number of columns that this feature has in the matrix."""
        return len(self.levels) + self.has_flag

    @property
    def minimum(self) -> None:
        """Categories have no range."""

    maximum = minimum

    @property
    def categories(self) -> tuple[str, ...]:
        """The levels in the training rows."""
        return self.levels

    def write(self, values: Array, out: Array) -> None:
        """Write a 1 in the column of each row's level; rows of an unknown level keep their zeros."""
        position: dict[str | None, int] = {level: k for k, level in enumerate(self.levels)}
        if self.has_flag:
            position[None] = len(self.levels)
        index = np.fromiter((position.get(value, -1) for value in values), dtype=np.int64, count=values.size)
        known = np.flatnonzero(index >= 0)
        out[known, index[known]] = 1.0
