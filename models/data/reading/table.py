"""Raw values of every kind to columns: `find_table` in training, `read_values` with what was found ever after."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from models.arrays import Array
from models.coded_warnings import WarningCode
from models.data.columns import (
    Column,
    RawValues,
    Table,
    check_lengths,
    infer_column,
    missing_values,
    shown_type,
    typed_column,
)
from models.data.reading.cells import TextCells
from models.data.reading.index_columns import index_warning, is_index_name
from models.data.reading.options import ReadingOptions
from models.data.reading.text_column import (
    MISSING_TOKENS,
    find_reading,
    missing_texts,
    read_text_cells,
    without_missing_numbers,
)
from models.specification import ColumnOverride, ColumnType

Cells = TextCells | RawValues


def find_table(raw: Mapping[str, Cells], options: ReadingOptions) -> Table:
    """Columns of raw values, each with its `reading`. Raises BadColumn with the rows whose values do not fit."""
    table = {name: find_column(name, values, options) for name, values in raw.items()}
    check_lengths(table)
    return table


def find_column(name: str, values: Cells, options: ReadingOptions) -> Column:
    """One column, read as its override says and, where that leaves something open, as its values show."""
    if options.reader == 1 and not isinstance(values, TextCells):
        return infer_column(name, values, options.columns.get(name))
    override = options.override_of(name)
    if options.is_complete:
        return _read_known(name, values, override)
    if isinstance(values, TextCells):
        reading, warnings = find_reading(name, values, override, options.comma_is_decimal)
    elif _has_text(values):
        reading, warnings = _reading_of_json(name, values, override, options)
    else:
        reading, warnings = replace(override, type=override.type or shown_type(values)), ()
    column = replace(read_values(name, values, reading), reading=reading, warnings=warnings)
    if name in options.index_columns or is_index_name(name):
        return replace(column, warnings=(*warnings, index_warning(column)))
    return column


def _read_known(name: str, values: Cells, reading: ColumnOverride) -> Column:
    """A column whose reading is known, or else one that does not matter, whose texts stay as they are."""
    if reading.type is not None:
        return read_values(name, values, reading)
    if isinstance(values, TextCells):
        return read_values(name, values, replace(reading, type="category"))
    return infer_column(name, values)


def is_notable(column: Column) -> bool:
    """Whether its reading must be kept, for other rows to be read alike: where its values are not written plainly."""
    reading = column.reading
    if reading is None:
        return False
    is_code = any(warning.code == WarningCode.CODES for warning in column.warnings)
    return reading.has_text_form or reading.type == "date" or is_code


def read_values(name: str, values: Cells, reading: ColumnOverride) -> Column:
    """One column of cells, JSON values or an array, whose reading is known.

    A text among JSON values is read like a cell of a file where the column's values are written in a form of their own.
    """
    type_ = reading.type or "category"
    if isinstance(values, TextCells):
        return Column(name, *read_text_cells(name, values, reading))
    if _has_text(values) and reading.has_text_form:
        return Column(name, type_, _mixed(name, values, reading))
    return Column(name, type_, _typed(name, type_, values, reading))


def _has_text(values: RawValues) -> bool:
    if isinstance(values, np.ndarray) and values.dtype.kind != "O":
        return values.dtype.kind in "US"
    return str in set(map(type, values))


def _texts(values: RawValues) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in values]


def _mixed(name: str, values: RawValues, reading: ColumnOverride) -> Any:
    """Texts as cells; values that JSON has read already stay as they are."""
    cells = TextCells.of(_texts(values)).without(missing_texts(reading))
    type_, from_text = read_text_cells(name, cells, reading)
    others = [None if isinstance(value, str) else value for value in values]
    if all(value is None for value in others):
        return from_text
    typed = _typed(name, type_, others, reading)
    return np.where(missing_values(type_, typed), from_text, typed)


def _typed(name: str, type_: ColumnType, values: RawValues, reading: ColumnOverride) -> Array:
    """Values that JSON has read already; a number or a boolean whose text is a missing token is missing too."""
    typed = typed_column(name, type_, values, reading.format).values
    if type_ == "number":
        return without_missing_numbers(typed, reading)
    if type_ == "category" and reading.missing_values is not None:
        return TextCells.of(typed).without(missing_texts(reading)).as_texts()
    return typed


def _reading_of_json(name: str, values: RawValues, override: ColumnOverride, options: ReadingOptions) -> Any:
    """A text is no number and no boolean in JSON, unless it is written in a form that only people use."""
    texts = TextCells.of(_texts(values))
    kinds = set(map(type, values)) - {str, type(None)}
    if override.type is not None:
        return find_reading(name, texts, override, options.comma_is_decimal)
    if kinds:
        return _reading_of_mixed(name, values, texts, override)
    reading, warnings = find_reading(name, texts, override, options.comma_is_decimal)
    if reading.type in ("number", "boolean") and not reading.has_number_form:
        return replace(override, type="category"), ()
    return reading, warnings


def _reading_of_mixed(name: str, values: RawValues, texts: TextCells, override: ColumnOverride) -> Any:
    """Numbers or booleans among which some texts stand for no value; other mixtures are left to the type of most."""
    tokens = {text.strip() for text in texts.texts}
    if not tokens <= MISSING_TOKENS | missing_texts(override):
        return replace(override, type=shown_type(values)), ()
    type_ = shown_type([value for value in values if not isinstance(value, str)])
    return find_reading(name, texts, replace(override, type=type_))
