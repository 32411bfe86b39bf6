"""How every encoder gives its columns: written into a matrix that is there already, or into one of their own."""

from abc import ABC, abstractmethod

import numpy as np

from models.arrays import Array


class Encoding(ABC):
    """One feature's part of the matrix that a network reads."""

    __slots__ = ()

    @property
    @abstractmethod
    def width(self) -> int:
        """Columns of the matrix that this feature takes."""

    @abstractmethod
    def write(self, values: Array, out: Array) -> None:
        """Encode values of shape (n_rows,) into `out`, zeros of shape (n_rows, width)."""

    def encode(self, values: Array) -> Array:
        """Encode values of shape (n_rows,) into a new matrix of shape (n_rows, width)."""
        out = np.zeros((values.size, self.width))
        self.write(values, out)
        return out
