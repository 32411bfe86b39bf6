"""Typed columns, of which tables consist, and how they are read from raw values."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Array
from models.coded_warnings import CodedWarning
from models.data.codes import hold_codes
from models.data.dates import parse_dates
from models.errors import BadColumn, shorten
from models.specification import ColumnOverride, ColumnType

RawValues = Sequence[Any] | Array
TOO_LARGE = "contains a number too large for float64:"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Values of one type, of shape (n_rows,), with a mark for missing values.

    number: float64, NaN missing. boolean: float64 of 0 and 1, NaN missing. category: text objects, None missing.
    date: datetime64[us] in UTC, NaT missing. `reading` is how the values were written, None where nothing needs to be
    said about that, and `warnings` are what the caller should know about it.
    """

    name: str
    type: ColumnType
    values: Array
    reading: ColumnOverride | None = None
    warnings: tuple[CodedWarning, ...] = ()

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value, of shape (n_rows,)."""
        return missing_values(self.type, self.values)

    def take(self, rows: Array) -> "Column":
        """The column with these rows only."""
        return replace(self, values=self.values[rows])


Table = dict[str, Column]


def shown_value(column: Column, row: int) -> str:
    """A value that is not missing, as a message shows it."""
    value = column.values[row]
    if column.type == "boolean":
        return "true" if value else "false"
    return f"{value:.15g}" if column.type == "number" else shorten(str(value) if column.type == "date" else value)


def missing_values(type_: ColumnType, values: Array) -> NDArray[np.bool_]:
    """Which values are missing, of shape (n_rows,)."""
    if type_ == "category":
        return np.fromiter((value is None for value in values), dtype=bool, count=values.size)
    missing: NDArray[np.bool_] = np.isnat(values) if type_ == "date" else np.isnan(values)
    return missing


def n_rows(table: Table) -> int:
    """The length of the table's columns; 0 for a table without any."""
    return next((column.values.size for column in table.values()), 0)


def take_rows(table: Table, rows: Array) -> Table:
    """The table with these rows only."""
    return {name: column.take(rows) for name, column in table.items()}


def infer_table(raw: Mapping[str, RawValues], overrides: Mapping[str, ColumnOverride] | None = None) -> Table:
    """Columns of JSON values or NumPy arrays, each of the type that its override sets or that its values suggest."""
    types = overrides or {}
    table = {name: infer_column(name, values, types.get(name)) for name, values in raw.items()}
    check_lengths(table)
    return table


def check_lengths(table: Table) -> None:
    """Raises BadColumn where columns have different numbers of rows."""
    lengths = {name: column.values.size for name, column in table.items()}
    for name, length in lengths.items():
        if length != next(iter(lengths.values())):
            first = next(iter(lengths))
            raise BadColumn(name, [], f"{name!r} has {length} rows and {first!r} {lengths[first]}; make them equal.")


def infer_column(name: str, values: RawValues, override: ColumnOverride | None = None) -> Column:
    """One column of the type that the override sets, or that its values suggest."""
    if override is None or override.type is None:
        return typed_column(name, shown_type(values), values)
    return typed_column(name, override.type, values, override.format)


def typed_column(name: str, type_: ColumnType, values: RawValues, date_format: str | None = None) -> Column:
    """One column of a known type. Raises BadColumn with the rows whose values are of another type."""
    if type_ == "date":
        return Column(name, type_, parse_dates(name, values, date_format))
    return Column(name, type_, _READERS[type_](name, values))


def shown_type(values: RawValues) -> ColumnType:
    """The type of most values that are not missing; `number` for a column without values.

    Whole numbers beyond 2^53 are codes, which are read as text.
    """
    if isinstance(values, np.ndarray) and values.dtype != object:
        if values.dtype.kind in "iu" and values.size and hold_codes([int(values.min()), int(values.max())]):
            return "category"
        return _ARRAY_TYPES.get(values.dtype.kind, "category")
    counts: dict[ColumnType, int] = {"number": 0, "boolean": 0, "category": 0}
    kinds = Counter(map(type, values))
    if int in kinds and hold_codes(values):
        return "category"
    for kind, count in kinds.items():
        if kind is not type(None):
            counts[_type_of(kind)] += count
    return max(counts, key=lambda type_: counts[type_])


_NUMBERS = {int, float, np.float64, np.float32, np.int64, np.int32}
_BOOLEANS = {bool, np.bool_}
_ARRAY_TYPES: dict[str, ColumnType] = {"f": "number", "i": "number", "u": "number", "b": "boolean", "M": "date"}


def _type_of(kind: type) -> ColumnType:
    if kind in _NUMBERS:
        return "number"
    return "boolean" if kind in _BOOLEANS else "category"


def _numbers(name: str, values: RawValues) -> Array:
    column = _as_floats(name, values)
    rows = np.flatnonzero(np.isinf(column)).tolist()
    if not rows:
        return column
    if isinstance(values[rows[0]], int):
        raise BadColumn.of_values(name, rows, values.__getitem__, TOO_LARGE, "correct it.")
    raise BadColumn.of_values(name, rows, column.item, "has the infinite number", "leave such values out.")


def _as_floats(name: str, values: RawValues) -> Array:
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiu":
        return values.astype(np.float64)
    kinds = set(map(type, values))
    if not kinds <= _NUMBERS | {type(None)}:
        _require(name, "number", values, lambda value: type(value) in _NUMBERS)
    if kinds == {float}:
        return np.array(values, dtype=np.float64)
    return np.array([_as_float(value) for value in values], dtype=np.float64)


def _as_float(value: Any) -> float:
    """The nearest float64, infinity past its range, NaN for a missing value."""
    try:
        return np.nan if value is None else float(value)
    except OverflowError:
        return np.inf


def _booleans(name: str, values: RawValues) -> Array:
    if isinstance(values, np.ndarray) and values.dtype.kind == "b":
        return values.astype(np.float64)
    _require(name, "boolean", values, lambda value: type(value) in _BOOLEANS or _is_0_or_1(value))
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def _is_0_or_1(value: Any) -> bool:
    return type(value) in _NUMBERS and value in (0, 1)


def _categories(name: str, values: RawValues) -> Array:
    """Texts as they are; numbers and booleans as their JSON text, so that codes can be used as categories."""
    plain = values.tolist() if isinstance(values, np.ndarray) else values
    column = np.empty(len(plain), dtype=object)
    if set(map(type, plain)) <= {str, type(None)}:
        column[:] = plain
        return column
    _require(name, "text", plain, lambda value: isinstance(value, str | bool | int | float))
    column[:] = [as_text(value) for value in plain]
    return column


def as_text(value: Any) -> str | None:
    """The text of one value: `"a"` for "a", `"3"` for 3 and 3.0, `"true"` for True, None for a missing one."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not value.is_integer():
        return None if value != value else repr(value)
    return str(int(value))


_READERS: dict[ColumnType, Callable[[str, RawValues], Array]] = {
    "number": _numbers,
    "boolean": _booleans,
    "category": _categories,
}


def _require(name: str, type_: str, values: RawValues, fits: Callable[[Any], bool]) -> None:
    rows = [row for row, value in enumerate(values) if value is not None and not fits(value)]
    if rows:
        advice = f'correct it, or set {{"columns": {{"{name}": {{"type": "category"}}}}}} to read all of them as text.'
        raise BadColumn.of_values(name, rows, values.__getitem__, f"is a {type_} column but has", advice)
