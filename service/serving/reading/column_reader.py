"""The raw values of one feature, in whatever form they come, to the values that a version predicts with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.reading.cells import TextCells
from models.data.reading.numbers import is_plain_number
from models.data.reading.table import Cells, read_values
from models.data.reading.text_column import missing_texts
from models.data.reading.written_forms import expected_value
from models.data.signature import FeatureSignature
from models.errors import BadColumn
from service.problems import MOST_ERRORS, InvalidInput, Location, input_error, shorten
from service.serving.input_errors import invalid_inputs

Array = NDArray[Any]
Values = Sequence[Any] | Array
# The place in the request of a row's value.
Place = Callable[[int], Location]
ERROR_CODES = {"number": "float_type", "boolean": "bool_type", "category": "text_type", "date": "invalid"}
MISSING = "a missing value is not allowed: the training data had no missing values in this column"


class ColumnReader:
    """Built once for a feature of a version. `has_form` where a text in JSON is read like a cell of a file."""

    def __init__(self, feature: FeatureSignature) -> None:
        self.feature = feature
        self.has_form = feature.reading.has_text_form
        self._missing_texts = missing_texts(feature.reading)
        tokens = self._missing_texts if self.has_form else set()
        self._missing_numbers = frozenset(float(token) for token in tokens if is_plain_number(token))

    def hold_tokens(self, values: Iterable[Any]) -> bool:
        """Whether some values of the feature's own JSON type stand for a missing one."""
        if self.feature.type == "number":
            return not self._missing_numbers.isdisjoint(values)
        return self.feature.type != "boolean" and not self._missing_texts.isdisjoint(map(str.strip, values))

    def read(self, values: Cells, place: Place) -> Values:
        """float64 with NaN for missing numbers; of other types, JSON values with None. Raises InvalidInput."""
        try:
            read = _READERS[self.feature.type](self, values)
        except BadColumn as error:
            raise self.wrong_values(error.rows, values, place) from None
        if not self.feature.nullable:
            self._check_missing(read, place)
        return read

    def read_json(self, values: Cells, place: Place) -> list[Any]:
        """JSON values, with None for missing ones. Raises InvalidInput."""
        read = self.read(values, place)
        return [
            None if value != value else value for value in (read.tolist() if isinstance(read, np.ndarray) else read)
        ]

    def wrong_values(self, rows: Sequence[int], values: Cells, place: Place) -> InvalidInput:
        """The error that names each of the values in these rows."""
        faults = [(row, *self._fault(_value_at(values, row))) for row in rows[:MOST_ERRORS]]
        return _invalid(faults, len(rows), place)

    def numbers(self, values: Cells) -> Array:
        return read_values(self.feature.name, values, self.feature.reading).values

    def booleans(self, values: Cells) -> list[bool | None]:
        if not isinstance(values, TextCells):
            wrong = [row for row, value in enumerate(values) if not isinstance(value, bool | str | None)]
            if wrong:
                raise BadColumn(self.feature.name, wrong, f"{self.feature.name!r} is a boolean column.")
        read = read_values(self.feature.name, values, self.feature.reading).values.tolist()
        return [None if value != value else bool(value) for value in read]

    def categories(self, values: Cells) -> Values:
        if not self.has_form and not isinstance(values, TextCells):
            return values
        texts: list[Any] = read_values(self.feature.name, values, self.feature.reading).values.tolist()
        return texts

    def dates(self, values: Cells) -> Values:
        """Texts stay texts: the version reads them by their format when it predicts."""
        if isinstance(values, TextCells):
            texts: list[Any] = values.without(self._missing_texts).as_texts().tolist()
            return texts
        if not self.has_form:
            return values
        return [None if isinstance(value, str) and value.strip() in self._missing_texts else value for value in values]

    def _check_missing(self, values: Values, place: Place) -> None:
        missing = np.isnan(values) if isinstance(values, np.ndarray) else [value is None for value in values]
        rows = np.flatnonzero(missing)
        if rows.size:
            raise _invalid([(int(row), "null", MISSING) for row in rows[:MOST_ERRORS]], rows.size, place)

    def _fault(self, value: Any) -> tuple[str, str]:
        """The code and the message of a value that does not fit."""
        if _is_infinite(value):
            return "finite_number", "this should be a finite number"
        shown = repr(value) if isinstance(value, str) else str(value)
        message = f"this should be {expected_value(self.feature)}, not {shorten(shown, 40)}"
        return ERROR_CODES[self.feature.type], message


_READERS: dict[str, Callable[[ColumnReader, Cells], Values]] = {
    "number": ColumnReader.numbers,
    "boolean": ColumnReader.booleans,
    "category": ColumnReader.categories,
    "date": ColumnReader.dates,
}


def _invalid(faults: Sequence[tuple[int, str, str]], count: int, place: Place) -> InvalidInput:
    return invalid_inputs([input_error(place(row), code, message) for row, code, message in faults], count)


def _value_at(values: Cells, row: int) -> Any:
    return values.texts[values.places[row]] if isinstance(values, TextCells) else values[row]


def _is_infinite(value: Any) -> bool:
    try:
        return bool(np.isinf(float(value)))
    except (TypeError, ValueError, OverflowError):
        return False
