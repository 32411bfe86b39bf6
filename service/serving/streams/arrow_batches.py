"""Columns of an Arrow table, or of the text cells of a CSV, to the values that a version reads."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.reading.table import Cells
from models.data.reading.text_column import missing_texts
from models.data.reading.written_forms import form_of_numbers
from models.data.signature import FeatureSignature
from service.datasets.formats.arrow_text import text_cells
from service.problems import InvalidInput, Location
from service.serving.input_errors import invalid_input, invalid_inputs
from service.serving.reading.column_reader import ColumnReader, Values
from service.serving.served_version import Predicted, ServedVersion

Array = NDArray[Any]
ROOT = ("body",)


def predict_batch(version: ServedVersion, batch: Any, first_row: int) -> Predicted:
    """Predict a pyarrow RecordBatch with a column for each feature. Raises InvalidInput."""
    readers = version.reader.columns
    values: list[Any] = [_values(reader, batch.column(reader.feature.name), first_row) for reader in readers]
    try:
        if version.reader.all_numbers:
            return version.predict_matrix(np.column_stack(values), ROOT)
        return version.predict_columns(values, ROOT)
    except InvalidInput as problem:
        raise with_row_offset(problem, first_row) from None


def with_row_offset(problem: InvalidInput, rows: int) -> InvalidInput:
    """The problem with its rows counted from the beginning of the stream."""
    place = len(ROOT)
    for error in problem.errors:
        row = error["location"][place]
        if isinstance(row, int):
            error["location"][place] = row + rows
    return invalid_inputs(problem.errors, problem.error_count)


def _values(reader: ColumnReader, column: Any, first_row: int) -> Values:
    import pyarrow as pa

    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    is_text = pa.types.is_string(plain.type) or pa.types.is_large_string(plain.type)
    raw = _cells(reader.feature, plain) if is_text else _raw_values(reader.feature, plain)
    return reader.read(raw, partial(_place, reader.feature, first_row))


def _cells(feature: FeatureSignature, column: Any) -> Cells:
    import pyarrow as pa

    numbers = _plain_numbers(feature, column)
    return text_cells([column.cast(pa.string())]) if numbers is None else numbers


def _raw_values(feature: FeatureSignature, column: Any) -> Cells:
    return _numbers(feature, column) if feature.type == "number" else list(map(_json_value, column.to_pylist()))


def _place(feature: FeatureSignature, first_row: int, row: int) -> Location:
    return [*ROOT, first_row + row, feature.name]


def _numbers(feature: FeatureSignature, column: Any) -> Array:
    import pyarrow as pa

    types = pa.types
    numeric = (types.is_integer, types.is_floating, types.is_decimal, types.is_null)
    if not any(is_numeric(column.type) for is_numeric in numeric):
        raise invalid_input([*ROOT, feature.name], "float_type", f"this column should hold numbers, not {column.type}")
    return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _plain_numbers(feature: FeatureSignature, cells: Any) -> Array | None:
    """float64 at Arrow's speed where all cells of a number are written plainly or missing; None for all others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if feature.type != "number" or form_of_numbers(feature) is not None:
        return None
    missing = pc.is_in(cells, value_set=pa.array(sorted(missing_texts(feature.reading)), cells.type))
    try:
        numbers = pc.if_else(missing, pa.scalar(None, cells.type), cells).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    if not pc.all(pc.is_finite(numbers), min_count=0).as_py():
        return None
    return numbers.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _json_value(value: Any) -> Any:
    """A decimal as JSON would have it; a code of many digits keeps all of them."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
