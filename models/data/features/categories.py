"""Categories: one column for each level that training met; an unknown level is all zeros."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.arrays import Array
from models.data.columns import Column
from models.data.features.encoder import Encoding
from models.errors import BadColumn

MOST_LEVELS = 100


@dataclass(frozen=True, slots=True)
class CategoryEncoder(Encoding):
    """Texts of shape (n_rows,) to (n_rows, n_levels), and one column more for missing where training met it."""

    name: str
    levels: tuple[str, ...]
    nullable: bool
    type: Literal["category"] = "category"

    @classmethod
    def learn(cls, column: Column) -> "CategoryEncoder":
        """Collect the levels of the training rows, in the order of their texts."""
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
        """Columns of the matrix that this feature takes."""
        return len(self.levels) + self.nullable

    @property
    def minimum(self) -> None:
        """Categories have no range."""

    maximum = minimum

    @property
    def categories(self) -> tuple[str, ...]:
        """The levels that training met."""
        return self.levels

    def write(self, values: Array, out: Array) -> None:
        """One 1 in each row of a level that training met."""
        position: dict[str | None, int] = {level: k for k, level in enumerate(self.levels)}
        if self.nullable:
            position[None] = len(self.levels)
        index = np.fromiter((position.get(value, -1) for value in values), dtype=np.int64, count=values.size)
        known = np.flatnonzero(index >= 0)
        out[known, index[known]] = 1.0
