"""JSON inputs to rows: tuples of values in the order of the features.

The quick readers accept inputs that are clearly valid, at the speed of C; all others go to the pydantic types of the
version, which report exactly what is wrong. Both accept the same inputs, and only the types reject any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from models.data.reading.index_columns import INDEX_NAMES
from models.data.signature import Signature
from service.problems import Location, did_you_mean, shorten
from service.serving.input_errors import invalid_input, invalid_types, unknown_column
from service.serving.input_types import columns_adapter, rows_adapter
from service.serving.reading.column_reader import ColumnReader, Place

Rows = list[tuple[Any, ...]]
Matrix = NDArray[np.float64]

NUMBERS = frozenset({int, float})
# The JSON types that are valid for each type of feature without a closer look.
SURE_TYPES = {
    "number": NUMBERS,
    "boolean": frozenset({bool}),
    "category": frozenset({str}),
    "date": frozenset({str}),
}


def row_reader(signature: Signature) -> RowReader:
    """The reader of a version's inputs. Built once for it."""
    has_form = any(feature.reading.has_text_form for feature in signature.features)
    return TextFormReader(signature) if has_form else RowReader(signature)


class RowReader:
    """Reads JSON values that are of their features' types. `columns` has a reader for each feature, in their order.

    A feature that may be missing may also be absent. Columns of the training table that are no features are ignored.
    """

    def __init__(self, signature: Signature) -> None:
        self.names = signature.feature_names
        self.all_numbers = signature.all_numbers
        self._known = frozenset(self.names)
        self.columns = [ColumnReader(feature) for feature in signature.features]
        self._ignored = _ignored_names(signature)
        self._sure_types = [SURE_TYPES[feature.type] for feature in signature.features]
        self._values_of = _getter(self.names)
        self._checked_values_of = self._values_of
        if any(feature.nullable for feature in signature.features):
            self._checked_values_of = partial(_values_or_none, self.names)
        self._rows = rows_adapter(signature, self._ignored or ())
        self._columns = columns_adapter(signature, self._ignored or ())

    def ignores(self, name: str) -> bool:
        """Whether a column is known to be no feature, so that it may be sent."""
        return self._ignored is not None and name in self._ignored

    def check_names(self, names: Sequence[str], root: Location) -> None:
        """The columns of a table. Raises InvalidInput for one that is missing, there twice, or unknown.

        A version that does not know which other columns its training table had ignores all others.
        """
        repeated = next((name for name, count in Counter(names).items() if count > 1 and self._is_once(name)), None)
        if repeated is not None:
            message = f"there are several columns `{shorten(repeated, 60)}`; send each column once"
            raise invalid_input([*root, repeated], "repeated", message)
        sent = set(names)
        missing = next((name for name in self.names if name not in sent), None)
        if missing is not None:
            near = did_you_mean(missing, names)
            raise invalid_input([*root, missing], "missing", f"there is no column `{shorten(missing, 60)}`.{near}")
        unknown = next((name for name in names if not (name in self._known or self.ignores(name))), None)
        if unknown is not None and self._ignored is not None:
            raise invalid_input([*root, unknown], "unknown", unknown_column(unknown, self.names))

    def _is_once(self, name: str) -> bool:
        """Whether a table may have a column of this name once only."""
        return name in self._known or not (self._ignored is None or name in INDEX_NAMES)

    def find_rows(self, inputs: Any) -> Rows | None:
        """The rows, or None where only the types can decide."""
        if type(inputs) is not list or not inputs:
            return None
        width = len(self.names)
        if len(inputs) == 1 and self.all_numbers:
            return self._read_one_row(inputs[0], width)
        try:
            rows = list(map(self._values_of, inputs)) if type(inputs[0]) is dict else list(map(_as_tuple, inputs))
            if sum(map(len, inputs)) != width * len(rows) or set(map(len, rows)) != {width}:
                return None
        except (KeyError, TypeError):
            return None
        return rows if self._are_sure(rows) else None

    def _read_one_row(self, row: Any, width: int) -> Rows | None:
        """The most common request, without the machinery for many rows."""
        if type(row) is dict:
            try:
                values = self._values_of(row)
            except KeyError:
                return None
        elif type(row) is list:
            values = tuple(row)
        else:
            return None
        return [values] if len(row) == width and NUMBERS.issuperset(map(type, values)) else None

    def _are_sure(self, rows: Rows) -> bool:
        if self.all_numbers:
            return NUMBERS.issuperset(map(type, chain.from_iterable(rows)))
        columns = zip(*rows, strict=True)
        return all(types.issuperset(map(type, column)) for types, column in zip(self._sure_types, columns, strict=True))

    def read(self, inputs: list[Any], root: Location) -> Rows:
        """The rows, checked by the types. Raises InvalidInput with the place of each error."""
        try:
            checked = self._rows.validate_python(inputs)
        except ValidationError as error:
            raise invalid_types(error, root, self.names) from None
        return [row if isinstance(row, tuple) else self._checked_values_of(row) for row in checked]

    def read_columns(self, columns: dict[str, list[Any]], root: Location) -> list[Sequence[Any]]:
        """The values of each feature, in their order. Raises InvalidInput."""
        values = self._sure_columns(columns)
        if values is None:
            return self._checked_columns(columns, root)
        _check_lengths(dict(zip(self.names, values, strict=True)), root)
        return values

    def find_columns(self, columns: Any) -> list[Sequence[Any]] | None:
        """The values of each feature, or None where only the types can decide."""
        if type(columns) is not dict or set(map(type, columns.values())) != {list}:
            return None
        values = self._sure_columns(columns)
        return values if values is not None and len(set(map(len, values))) == 1 else None

    def _sure_columns(self, columns: dict[str, list[Any]]) -> list[Sequence[Any]] | None:
        if columns.keys() != set(self.names):
            return None
        values: list[Sequence[Any]] = [columns[name] for name in self.names]
        sure = all(types.issuperset(map(type, column)) for types, column in zip(self._sure_types, values, strict=True))
        return values if sure else None

    def _checked_columns(self, columns: dict[str, list[Any]], root: Location) -> list[Sequence[Any]]:
        try:
            checked = self._columns.validate_python(columns)
        except ValidationError as error:
            raise invalid_types(error, root, self.names) from None
        n_rows = _check_lengths({name: checked[name] for name in self.names if name in checked} | columns, root)
        return [checked.get(name, [None] * n_rows) for name in self.names]


class TextFormReader(RowReader):
    """Reads features some of whose values may be texts in a form of their own, or stand for missing ones."""

    def __init__(self, signature: Signature) -> None:
        super().__init__(signature)
        self._forms = [(position, column) for position, column in enumerate(self.columns) if column.has_form]

    def find_rows(self, inputs: Any) -> Rows | None:
        rows = super().find_rows(inputs)
        return None if rows is None or self._hold_tokens(list(zip(*rows, strict=True))) else rows

    def read(self, inputs: list[Any], root: Location) -> Rows:
        columns: list[Sequence[Any]] = list(zip(*super().read(inputs, root), strict=True))
        for position, column in self._forms:
            columns[position] = column.read_json(columns[position], _place_of_row(inputs, position, self.names, root))
        return list(zip(*columns, strict=True))

    def _sure_columns(self, columns: dict[str, list[Any]]) -> list[Sequence[Any]] | None:
        values = super()._sure_columns(columns)
        return None if values is None or self._hold_tokens(values) else values

    def _checked_columns(self, columns: dict[str, list[Any]], root: Location) -> list[Sequence[Any]]:
        values = super()._checked_columns(columns, root)
        for position, column in self._forms:
            place = partial(_place_in_column, [*root, self.names[position]])
            values[position] = column.read_json(values[position], place)
        return values

    def _hold_tokens(self, columns: Sequence[Sequence[Any]]) -> bool:
        return any(column.hold_tokens(columns[position]) for position, column in self._forms)


class LenientReader(RowReader):
    """Reads what another reader reads, and ignores every column that is no feature."""

    def __init__(self, reader: RowReader) -> None:
        vars(self).update(vars(reader))
        self._reader = reader
        self._ignored = None

    def ignores(self, name: str) -> bool:
        return name not in self._known

    def find_rows(self, inputs: Any) -> Rows | None:
        return self._reader.find_rows(list(map(self._features_of, inputs))) if type(inputs) is list else None

    def read(self, inputs: list[Any], root: Location) -> Rows:
        return self._reader.read(list(map(self._features_of, inputs)), root)

    def read_columns(self, columns: dict[str, list[Any]], root: Location) -> list[Sequence[Any]]:
        _check_lengths(columns, root)
        return self._reader.read_columns(self._features_of(columns), root)

    def find_columns(self, columns: Any) -> list[Sequence[Any]] | None:
        """Only the types decide, since columns that are ignored have a length too."""

    def _features_of(self, row: Any) -> Any:
        if type(row) is not dict:
            return row
        return {name: value for name, value in row.items() if name in self._known}


def matrix_of_rows(rows: Rows) -> Matrix:
    """float64 of shape (n_rows, n_features), NaN for None."""
    width = len(rows[0])
    try:
        flat = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * width)
    except TypeError:
        flat = np.array([np.nan if value is None else value for value in chain.from_iterable(rows)], np.float64)
    return flat.reshape(len(rows), width)


def matrix_of_columns(columns: Sequence[Sequence[Any]]) -> Matrix:
    """float64 of shape (n_rows, n_features), NaN for None."""
    matrix = np.empty((len(columns[0]), len(columns)))
    for position, column in enumerate(columns):
        try:
            matrix[:, position] = np.fromiter(column, np.float64, len(column))
        except TypeError:
            matrix[:, position] = [np.nan if value is None else value for value in column]
    return matrix


def _check_lengths(columns: Mapping[str, Sequence[Any]], root: Location) -> int:
    """The length of all columns. Raises InvalidInput for one of another length than the first."""
    first, n_rows = next(((name, len(column)) for name, column in columns.items()), ("", 0))
    for name, column in columns.items():
        if len(column) != n_rows:
            message = f"this column has {len(column)} rows, and `{shorten(first, 60)}` has {n_rows}; make them equal"
            raise invalid_input([*root, name], "length", message)
    return n_rows


def _place_of_row(inputs: Sequence[Any], position: int, names: Sequence[str], root: Location) -> Place:
    """Where the value of a feature stands in a row: by its name, or by its position in a list."""
    return lambda row: [*root, row, names[position] if isinstance(inputs[row], dict) else position]


def _place_in_column(column: Location, row: int) -> Location:
    return [*column, row]


def _values_or_none(names: Sequence[str], row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(map(row.get, names))


def _ignored_names(signature: Signature) -> frozenset[str] | None:
    if signature.ignored is None:
        return None
    return frozenset((*signature.ignored, *INDEX_NAMES)) - set(signature.feature_names)


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """The values of an object, as a tuple in the order of the names."""
    if len(names) > 1:
        return itemgetter(*names)
    only = names[0]
    return lambda row: (row[only],)


def _as_tuple(row: Any) -> tuple[Any, ...]:
    if type(row) is not list:
        raise TypeError
    return tuple(row)
