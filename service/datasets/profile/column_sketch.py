"""One column's profile, block by block: which kinds of values it holds, and statistics of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.coded_warnings import CodedWarning
from models.data.codes import hold_codes as hold_whole_codes
from models.data.columns import Column, as_text
from service.datasets.formats.arrow_text import (
    NUMBER,
    as_booleans,
    as_numbers,
    count_kinds,
    hold_codes,
    trim,
)
from service.datasets.profile.number_sketch import NumberSketch
from service.datasets.profile.value_sketches import DistinctSketch, TopSketch


class ColumnSketch:
    """Counts and statistics of a column, in bounded memory.

    `reading_warnings` are what a training would say about how the column is read.
    """

    def __init__(self, reading_warnings: Sequence[CodedWarning] = ()) -> None:
        self.reading_warnings = reading_warnings
        self.missing = self.true = self.false = self.n_texts = self.infinite = self.n_number_cells = 0
        self.first_text: tuple[int, str] | None = None
        self.n_rows = 0
        self.numbers, self.distinct, self.top = NumberSketch(), DistinctSketch(), TopSketch()
        self.first_date: np.datetime64 | None = None
        self.last_date: np.datetime64 | None = None

    def add_missing(self, n_rows: int) -> None:
        self.missing += n_rows
        self.n_rows += n_rows

    def add_column(self, column: Column) -> None:
        """A block whose values were read as a training reads them."""
        given = column.values[~column.missing]
        self.missing += column.values.size - given.size
        if column.type == "date":
            self._add_dates(given)
        elif column.type == "category":
            self._add_texts(Counter(given.tolist()), None)
        elif column.type == "number":
            self._add_numbers(given)
        else:
            self.true += int(given.sum())
            self.false += int((given == 0).sum())
        self.n_rows += column.values.size

    def add_json(self, values: list[Any]) -> None:
        numbers = [value for value in values if type(value) is int or type(value) is float]
        texts = [(row, value) for row, value in enumerate(values) if type(value) is str]
        self.true += sum(value is True for value in values)
        self.false += sum(value is False for value in values)
        self.missing += sum(value is None for value in values)
        if numbers and hold_whole_codes(numbers):
            self._add_texts(Counter(str(as_text(value)) for value in numbers), None)
        else:
            self._add_numbers(np.array([_as_float(value) for value in numbers], dtype=np.float64))
        if texts:
            self._add_texts(Counter(value for _, value in texts), texts[0])
        self.n_rows += len(values)

    def add_text_cells(self, cells: Any) -> None:
        """Cells of CSV: a block of numbers or of booleans alone is that; any other block is text."""
        clean = trim(cells)
        n_values, numbers, booleans = count_kinds(clean)
        self.missing += clean.null_count
        if n_values and numbers == n_values and hold_codes([clean]):
            self._add_value_counts(clean, None)
        elif n_values and numbers == n_values:
            self._add_numbers(as_numbers(clean.drop_null()))
        elif n_values and booleans == n_values:
            self._add_booleans(as_booleans(clean))
        elif n_values:
            self.n_number_cells += numbers
            self._add_value_counts(clean, self._first_text_of(clean))
        self.n_rows += len(cells)

    def add_arrow(self, values: Any) -> None:
        """A block of a typed column, as `arrow_reader.plain` returns it."""
        import pyarrow as pa

        self.missing += values.null_count
        present = values.drop_null()
        if pa.types.is_boolean(values.type):
            self._add_booleans(values)
        elif pa.types.is_timestamp(values.type):
            self._add_dates(np.asarray(present.to_numpy(zero_copy_only=False), dtype="datetime64[us]"))
        elif pa.types.is_floating(values.type):
            self._add_floats(np.asarray(present.to_numpy(zero_copy_only=False), dtype=np.float64))
        elif pa.types.is_integer(values.type) or pa.types.is_decimal(values.type):
            self._add_value_counts(present.cast(pa.string()), None)
        elif len(present):
            self._add_value_counts(present, (0, ""))
        self.n_rows += len(values)

    def _first_text_of(self, clean: Any) -> tuple[int, str]:
        """The row within the block, and the text, of the first cell that is not a number."""
        import pyarrow.compute as pc

        odd = pc.and_kleene(pc.is_valid(clean), pc.invert(pc.match_substring_regex(clean, NUMBER)))
        row = pc.index(pc.fill_null(odd, fill_value=False), value=True).as_py()
        return row, clean[row].as_py() if row >= 0 else ""

    def _add_value_counts(self, texts: Any, first: tuple[int, str] | None) -> None:
        value_counts = texts.drop_null().value_counts()
        values, counts = value_counts.field("values").to_pylist(), value_counts.field("counts").to_pylist()
        self._add_texts(Counter(dict(zip(values, counts, strict=True))), first)

    def _add_texts(self, counts: Counter[str], first: tuple[int, str] | None) -> None:
        if self.first_text is None and first is not None:
            self.first_text = (self.n_rows + first[0], first[1])
        self.n_texts += counts.total()
        self.top.add(counts)
        self.distinct.add_texts(counts)

    def _add_booleans(self, values: Any) -> None:
        import pyarrow.compute as pc

        true = pc.sum(values).as_py() or 0
        self.true += true
        self.false += len(values) - values.null_count - true

    def _add_floats(self, values: NDArray[np.float64]) -> None:
        """Add the values of a typed column, where NaN is a missing value."""
        missing = np.isnan(values)
        self.missing += int(missing.sum())
        self._add_numbers(values[~missing])

    def _add_numbers(self, values: NDArray[np.float64]) -> None:
        finite = np.isfinite(values)
        self.infinite += int(values.size - finite.sum())
        self.numbers.add(values[finite])
        self.distinct.add_numbers(values[finite])

    def _add_dates(self, values: NDArray[np.datetime64]) -> None:
        if not values.size:
            return
        self.distinct.add_numbers(values.astype(np.int64).astype(np.float64))
        first, last = values.min(), values.max()
        self.first_date = first if self.first_date is None else min(self.first_date, first)
        self.last_date = last if self.last_date is None else max(self.last_date, last)


def _as_float(value: float) -> float:
    """The value as a float; infinity if it is too large."""
    try:
        return float(value)
    except OverflowError:
        return np.inf
