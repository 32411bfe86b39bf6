"""Columns of an Arrow table, or of the text cells of a CSV, to the values that a version reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.signature import FeatureSignature
from models.data.text_values import MISSING_TEXTS, parse_text_column
from service.problems import MOST_ERRORS, InvalidInput, did_you_mean, input_error, shorten
from service.serving.input_errors import invalid_input, invalid_inputs
from service.serving.served_version import Predicted, ServedVersion

Array = NDArray[Any]
ROOT = ("body",)


def predict_batch(version: ServedVersion, batch: Any, first_row: int) -> Predicted:
    """Predict a pyarrow RecordBatch. Columns that are not features are ignored. Raises InvalidInput."""
    check_columns(version, batch.schema.names)
    values = [_values(feature, batch.column(feature.name), first_row) for feature in version.signature.features]
    try:
        if version.reader.all_numbers:
            return version.predict_matrix(np.column_stack(values), ROOT)
        return version.predict_columns(values, ROOT)
    except InvalidInput as problem:
        raise with_row_offset(problem, first_row) from None


def check_columns(version: ServedVersion, names: Sequence[str]) -> None:
    missing = [name for name in version.reader.names if name not in names]
    if missing:
        near = did_you_mean(missing[0], names)
        raise invalid_input([*ROOT, missing[0]], "missing", f"there is no column `{shorten(missing[0], 60)}`.{near}")


def with_row_offset(problem: InvalidInput, rows: int) -> InvalidInput:
    """The problem with its rows counted from the beginning of the stream."""
    place = len(ROOT)
    for error in problem.errors:
        row = error["location"][place]
        if isinstance(row, int):
            error["location"][place] = row + rows
    return invalid_inputs(problem.errors, problem.error_count)


def _values(feature: FeatureSignature, column: Any, first_row: int) -> Any:
    import pyarrow as pa

    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    values: Any
    if feature.type == "number":
        values = _numbers_of_text(feature, column, first_row) if is_text else _numbers(feature, column, first_row)
        _check(feature, np.isinf(values), first_row, "finite_number", "this should be a finite number")
        missing = np.isnan(values)
    else:
        values = _scalars(feature, column, is_text, first_row)
        missing = np.fromiter((value is None for value in values), bool, len(values))
    if not feature.nullable:
        _check(
            feature,
            missing,
            first_row,
            "null",
            "a missing value is not allowed: the training data had no missing values in this column",
        )
    return values


def _numbers(feature: FeatureSignature, column: Any, first_row: int) -> Array:
    import pyarrow as pa

    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        raise invalid_input([*ROOT, feature.name], "float_type", f"this column should hold numbers, not {column.type}")
    return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _numbers_of_text(feature: FeatureSignature, column: Any, first_row: int) -> Array:
    import pyarrow as pa
    import pyarrow.compute as compute

    missing = compute.is_in(column, value_set=pa.array(sorted(MISSING_TEXTS)))
    texts = compute.if_else(missing, pa.scalar(None, column.type), column)
    try:
        return texts.cast(pa.float64()).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
    except pa.ArrowInvalid:
        values = parse_text_column(column.to_pylist(), "number")
        wrong = np.fromiter((isinstance(value, str) for value in values), bool, len(values))
        _check(feature, wrong, first_row, "float_type", "this should be a valid number")
        return np.array([np.nan if value is None else value for value in values], np.float64)


def _scalars(feature: FeatureSignature, column: Any, is_text: bool, first_row: int) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if is_text:
        values = list(parse_text_column(values, "boolean" if feature.type == "boolean" else "category"))
    if feature.type == "boolean":
        wrong = np.fromiter((value is not None and not isinstance(value, bool) for value in values), bool, len(values))
        _check(feature, wrong, first_row, "bool_type", "this should be true or false")
    return values


def _check(feature: FeatureSignature, wrong: Array, first_row: int, code: str, message: str) -> None:
    rows = np.flatnonzero(wrong)
    if rows.size:
        numbers = [int(row) + first_row for row in rows[:MOST_ERRORS]]
        errors = [input_error((*ROOT, number, feature.name), code, message) for number in numbers]
        raise invalid_inputs(errors, rows.size)
