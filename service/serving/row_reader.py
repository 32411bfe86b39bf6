"""JSON inputs to rows: tuples of values in the order of the features.

The quick readers accept inputs that are clearly valid, at the speed of C; all others go to the pydantic types of the
version, which report exactly what is wrong. Both accept the same inputs, and only the types reject any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from models.data.signature import Signature
from service.problems import Location
from service.serving.input_errors import invalid_input, invalid_types
from service.serving.input_types import columns_adapter, rows_adapter

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


class RowReader:
    """Built once for a version."""

    def __init__(self, signature: Signature) -> None:
        self.names = signature.feature_names
        self.all_numbers = signature.all_numbers
        self._sure_types = [SURE_TYPES[feature.type] for feature in signature.features]
        self._values_of = _getter(self.names)
        self._rows = rows_adapter(signature)
        self._columns = columns_adapter(signature)

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
        return [row if isinstance(row, tuple) else self._values_of(row) for row in checked]

    def read_columns(self, columns: dict[str, list[Any]], root: Location) -> list[Sequence[Any]]:
        """The values of each feature, in their order. Raises InvalidInput."""
        values = self._sure_columns(columns)
        if values is None:
            values = self._checked_columns(columns, root)
        _check_lengths(self.names, values, root)
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
        return [checked[name] for name in self.names]


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


def _check_lengths(names: Sequence[str], columns: list[Sequence[Any]], root: Location) -> None:
    for name, column in zip(names, columns, strict=True):
        if len(column) != len(columns[0]):
            message = f"this column has {len(column)} rows, and `{names[0]}` has {len(columns[0])}; make them equal"
            raise invalid_input([*root, name], "length", message)


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
