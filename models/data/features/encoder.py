"""What all encoders share: each writes the columns of one feature into a matrix."""

from abc import ABC, abstractmethod

import numpy as np

from models.arrays import Array


class FeatureEncoder(ABC):
    """Encodes the values of one feature as columns of the matrix that a network reads."""

    __slots__ = ()

    nullable: bool
    flagged: bool | None

    @property
    def has_flag(self) -> bool:
        """Whether a column of its own says which values are missing, as it does where training rows miss some."""
        return self.nullable if self.flagged is None else self.flagged

    @property
    @abstractmethod
    def width(self) -> int:
        """The number of columns that this feature has in the matrix."""

    @abstractmethod
    def write(self, values: Array, out: Array) -> None:
        """Encode values of shape (n_rows,) into `out`, zeros of shape (n_rows, width)."""

    def encode(self, values: Array) -> Array:
        """Encode values of shape (n_rows,) into a new matrix of shape (n_rows, width)."""
        out = np.zeros((values.size, self.width))
        self.write(values, out)
        return out
