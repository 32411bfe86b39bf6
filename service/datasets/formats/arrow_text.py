"""Columns of text cells to values, at Arrow's speed: the rules are those of `models.data.text_values`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.codes import is_code
from models.data.reading.cells import TextCells
from models.data.text_values import MISSING_TEXTS, SHARE_OF_NUMBERS_THAT_DECIDES, JsonValue, parse_text_column
from models.specification import ColumnType

Array = NDArray[Any]
FEWEST_DIGITS_OF_A_CODE = 16
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def values_of_text(pieces: Sequence[Any], type_: ColumnType | None) -> Sequence[JsonValue] | Array:
    """Numbers as float64, booleans and texts as objects; texts among numbers if nine of ten are numbers."""
    if type_ in ("category", "date"):
        return _texts(pieces)
    cells = [piece if isinstance(piece, np.ndarray) else trim(piece) for piece in pieces]
    counts = [count_kinds(piece) for piece in cells]
    n_values, numbers, booleans = (sum(kind) for kind in zip(*counts, strict=True)) if counts else (0, 0, 0)
    if n_values and booleans == n_values and type_ in (None, "boolean"):
        return np.concatenate([objects_of(as_booleans(piece)) for piece in cells])
    if type_ is None and numbers >= SHARE_OF_NUMBERS_THAT_DECIDES * n_values and hold_codes(cells):
        return _texts(pieces)
    if numbers == n_values:
        return np.concatenate([as_numbers(piece) for piece in cells]) if cells else np.empty(0)
    if type_ is not None or numbers >= SHARE_OF_NUMBERS_THAT_DECIDES * n_values:
        return parse_text_column([cell for piece in pieces for cell in _cells(piece)], type_)
    return _texts(pieces)


def cells_of_text(pieces: Sequence[Any]) -> TextCells | Array:
    """float64 where all cells are plain numbers or empty, else the cells as texts, each different one once."""
    arrays: list[Array] = []
    for piece in pieces:
        numbers = piece if isinstance(piece, np.ndarray) else _plain_numbers(piece)
        if numbers is None:
            return text_cells(pieces)
        arrays.append(numbers)
    return np.concatenate(arrays) if arrays else np.empty(0)


def _plain_numbers(piece: Any) -> Array | None:
    """float64 where all cells are numbers to a program, none of them a code or written as one; else None."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = _null_if_empty(piece)
    try:
        values = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        cells = _null_if_empty(pc.utf8_trim_whitespace(piece))
        try:
            values = cells.cast(pa.float64())
        except pa.ArrowInvalid:
            return None
    numbers = values.to_numpy(zero_copy_only=False)
    return numbers if _are_surely_no_codes(cells, numbers) else None


def _null_if_empty(cells: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)


def _are_surely_no_codes(cells: Any, numbers: Array) -> bool:
    """Whether finite numbers (NaN for empty cells) are plainly numbers: where one has a fraction, none is a code."""
    import pyarrow.compute as pc

    given = numbers[~np.isnan(numbers)]
    if given.size + cells.null_count < numbers.size or np.isinf(given).any():
        return False
    if np.any(given != np.floor(given)):
        return True
    if pc.any(pc.match_substring_regex(cells, r"^[+-]?0[0-9]|^[+-]?[0-9]{16}")).as_py():
        return False
    has_exponents = pc.any(pc.match_substring_regex(cells, "[eE]")).as_py()
    return not has_exponents or bool(pc.any(pc.match_substring_regex(cells, "[.+-]")).as_py())


def text_cells(pieces: Sequence[Any]) -> TextCells:
    """The cells as texts, each different one once."""
    import pyarrow as pa

    arrays = [pa.nulls(piece.size, pa.string()) if isinstance(piece, np.ndarray) else piece for piece in pieces]
    encoded = pa.chunked_array(arrays, pa.string()).combine_chunks().dictionary_encode()
    places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return TextCells(encoded.dictionary.to_pylist(), places)


def count_kinds(cells: Any) -> tuple[int, int, int]:
    """How many trimmed cells are not missing, how many of these are numbers, and how many are booleans."""
    import pyarrow.compute as pc

    if isinstance(cells, np.ndarray):
        return 0, 0, 0
    n_values = len(cells) - cells.null_count
    if _are_numbers(cells):
        return n_values, n_values, 0
    numbers = pc.sum(pc.match_substring_regex(cells, NUMBER)).as_py() or 0
    booleans = (
        0 if numbers else pc.sum(pc.match_substring_regex(cells, "^(true|false)$", ignore_case=True)).as_py() or 0
    )
    return n_values, numbers, booleans


def hold_codes(pieces: Sequence[Any]) -> bool:
    """Whether the numbers among trimmed cells are all whole, and some of them too long for float64."""
    cells = [piece for piece in pieces if not isinstance(piece, np.ndarray)]
    return any(map(_hold_a_code, cells)) and not any(map(_hold_a_fraction, cells))


def _hold_a_code(cells: Any) -> bool:
    import pyarrow.compute as pc

    long = cells.filter(pc.greater_equal(pc.binary_length(cells), FEWEST_DIGITS_OF_A_CODE))
    whole = long.filter(pc.match_substring_regex(long, r"^[+-]?\d+$"))
    return any(map(is_code, whole.to_pylist()))


def _hold_a_fraction(cells: Any) -> bool:
    import pyarrow.compute as pc

    numbers = cells.filter(pc.match_substring_regex(cells, NUMBER))
    return bool(pc.any(pc.match_substring_regex(numbers, r"[.eE]")).as_py())


def _are_numbers(cells: Any) -> bool:
    """Whether all cells surely are numbers; `inf` and the like, which a cast accepts too, are left to the pattern."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return bool(pc.all(pc.is_finite(values)).as_py() is not False)


def trim(piece: Any) -> Any:
    """The cells without surrounding space, and null where they are missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.utf8_trim_whitespace(piece)
    missing = pc.is_in(cells, value_set=pa.array(sorted(MISSING_TEXTS)))
    return pc.if_else(missing, pa.scalar(None, pa.string()), cells)


def as_numbers(cells: Any) -> Array:
    """float64 of trimmed cells, NaN for missing ones; all other cells must be numbers."""
    import pyarrow as pa

    if isinstance(cells, np.ndarray):
        return cells
    return np.asarray(cells.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def as_booleans(cells: Any) -> Any:
    """Arrow booleans of trimmed cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return cells if isinstance(cells, np.ndarray) else pc.utf8_lower(cells).cast(pa.bool_())


def objects_of(piece: Any) -> Array:
    """Python objects, None for missing ones. Equal texts of a block are one object, to save memory."""
    import pyarrow as pa

    if isinstance(piece, np.ndarray):
        return np.full(piece.size, None, dtype=object)  # NaN alone: a block without values
    if pa.types.is_boolean(piece.type):
        return np.array([*piece.to_pylist(), None], dtype=object)[:-1]
    encoded = piece.dictionary_encode()
    values = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    codes = encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(values[codes])


def _texts(pieces: Sequence[Any]) -> Array:
    """The cells unchanged, None for missing ones."""
    texts = [
        np.full(piece.size, None) if isinstance(piece, np.ndarray) else objects_of(null_missing(piece))
        for piece in pieces
    ]
    return np.concatenate(texts) if texts else np.empty(0, dtype=object)


def null_missing(piece: Any) -> Any:
    """The cells unchanged, and null where they are missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pc.is_null(trim(piece)), pa.scalar(None, pa.string()), piece)


def _cells(piece: Any) -> list[str | None]:
    return [None] * piece.size if isinstance(piece, np.ndarray) else list(piece.to_pylist())
