"""One column assembled from its blocks, as the raw values that `models.data.columns` expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.codes import hold_codes
from models.data.reading.cells import TextCells
from models.data.text_values import JsonValue
from models.specification import ColumnType
from service.datasets.formats.arrow_text import cells_of_text, objects_of, text_cells, values_of_text

Array = NDArray[Any]


class ColumnBuilder:
    """Blocks of one column, kept compact. `text_cells`: each cell is a text that may mean a number."""

    def __init__(self, text_cells: bool) -> None:
        self._text_cells = text_cells
        self._pieces: list[Any] = []

    def add(self, values: Any) -> None:
        self._pieces.append(_compact(values) if isinstance(values, list) else values)

    def add_missing(self, n_rows: int) -> None:
        if n_rows:
            self._pieces.append(np.full(n_rows, np.nan))

    def cells(self) -> TextCells | Sequence[JsonValue] | Array:
        """All values, of texts as cells of which each different one is there once."""
        return self._take_texts() if self._text_cells else self.values(None)

    def _take_texts(self) -> TextCells | Array:
        pieces, self._pieces = self._pieces, []
        return cells_of_text(pieces)

    def texts(self) -> TextCells | Sequence[JsonValue] | Array:
        """All values, of texts as cells even where all of them are plain numbers."""
        if not self._text_cells:
            return self.values(None)
        pieces, self._pieces = self._pieces, []
        return text_cells(pieces)

    def values(self, type_: ColumnType | None) -> Sequence[JsonValue] | Array:
        """All values: an array if they are of one kind, else JSON values."""
        pieces, self._pieces = self._pieces, []
        if self._text_cells:
            return values_of_text(pieces, type_)
        converted = [piece if isinstance(piece, list) else _array_of(piece) for piece in pieces]
        arrays = [piece for piece in converted if not isinstance(piece, list)]
        if len(arrays) == len(converted) and len({array.dtype.kind for array in arrays}) == 1:
            return np.concatenate(arrays)
        return [value for piece in converted for value in _json_values(piece)]


def _compact(values: list[JsonValue]) -> list[JsonValue] | Array:
    """The values as float64, NaN for missing ones, if they are all numbers and none is too long for that."""
    kinds = set(map(type, values))
    if int in kinds and hold_codes(values):
        return values
    if not kinds <= {int, float, type(None)} or not kinds - {type(None)}:
        return values
    try:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    except OverflowError:
        return values  # the error shows the number as it was written


def _array_of(piece: Any) -> Array | list[JsonValue]:
    """A NumPy array of an Arrow array: float64, datetime64, or objects with None for missing values.

    Whole numbers too long for float64 are a list.
    """
    if isinstance(piece, np.ndarray):
        return piece
    from pyarrow import types

    if types.is_floating(piece.type):
        return np.asarray(piece.to_numpy(zero_copy_only=False), dtype=np.float64)
    if types.is_timestamp(piece.type):
        return np.asarray(piece.to_numpy(zero_copy_only=False), dtype="datetime64[us]")
    if types.is_integer(piece.type) or types.is_decimal(piece.type):
        return [None if value is None else int(value) for value in piece.to_pylist()]
    if types.is_boolean(piece.type) and piece.null_count == 0:
        return np.asarray(piece.to_numpy(zero_copy_only=False), dtype=np.bool_)
    return objects_of(piece)


def _json_values(array: Any) -> list[JsonValue]:
    values = array if isinstance(array, list) else array.tolist()
    return [None if value != value else value for value in values]
