"""From a file of any format to a typed table: `open_blocks` streams it, `read_table` reads it whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from models.data.columns import Table
from models.data.reading.options import ReadingOptions
from models.data.reading.table import Cells, find_column
from models.specification import ColumnOverride
from service.datasets.formats.arrow_reader import read_arrow, read_parquet
from service.datasets.formats.blocks import Block, Reading
from service.datasets.formats.column_builder import ColumnBuilder
from service.datasets.formats.csv_dialect import find_dialect
from service.datasets.formats.csv_reader import read_csv
from service.datasets.formats.decompression import open_decompressed
from service.datasets.formats.json_reader import read_json, read_ndjson
from service.datasets.formats.limits import Limits, check_names, no_rows
from service.settings import MEBIBYTE

# How much of a CSV file decides its encoding when only its first rows are read.
PREVIEW_SCAN_BYTES = 16 * MEBIBYTE


@contextmanager
def open_blocks(
    path: Path, format_: str, limits: Limits, scanned_bytes: int | None = None, has_header: bool | None = None
) -> Iterator[Reading]:
    """The file's rows, block by block. Raises TableError, and BadColumn for cells that are not scalars.

    To read only the first rows, `scanned_bytes` limits how much of a CSV file decides its encoding. `has_header` says
    whether the first line of a CSV file names the columns, where that is in doubt.
    """
    with open_decompressed(path, limits) as plain:
        reading = _reading(plain, format_, limits, scanned_bytes, has_header)
        yield replace(reading, blocks=_check_blocks(reading.blocks, limits))


def _reading(path: Path, format_: str, limits: Limits, scanned_bytes: int | None, has_header: bool | None) -> Reading:
    if format_ == "csv":
        dialect = find_dialect(path, limits, scanned_bytes, has_header)
        comma_is_decimal = dialect.separator == ";"
        return Reading(read_csv(path, dialect), True, dialect.warnings, comma_is_decimal)
    readers = {"ndjson": read_ndjson, "json": read_json, "parquet": read_parquet, "arrow": read_arrow}
    return Reading(readers[format_](path, limits))


def _check_blocks(blocks: Iterator[Block], limits: Limits) -> Iterator[Block]:
    """The blocks; raises TableError if together they have too many columns, or no row."""
    names: dict[str, None] = {}
    n_rows = 0
    for block in blocks:
        n_rows += block.n_rows
        if not block.columns.keys() <= names.keys():
            names.update(dict.fromkeys(block.columns))
            check_names(list(names), limits)
        yield block
    if not n_rows:
        raise no_rows()


def read_table(path: Path, format_: str, options: ReadingOptions, limits: Limits) -> Table:
    """The whole table. Raises TableError, and BadColumn with the rows whose values are of another type."""
    with open_blocks(path, format_, limits, has_header=options.header) as reading:
        return table_of_blocks(reading, options)


def table_of_blocks(reading: Reading, options: ReadingOptions) -> Table:
    """The rows of all blocks as one table. Raises what `read_table` raises."""
    builders: dict[str, ColumnBuilder] = {}
    index_columns: set[str] = set()
    n_rows = 0
    for block in reading.blocks:
        index_columns.update(block.index_columns)
        for name in [name for name in block.columns if name not in builders]:
            builders[name] = ColumnBuilder(reading.text_cells)
            builders[name].add_missing(n_rows)
        for name, column in builders.items():
            column.add(block.columns[name]) if name in block.columns else column.add_missing(block.n_rows)
        n_rows += block.n_rows
    found = replace(options, comma_is_decimal=reading.comma_is_decimal, index_columns=tuple(sorted(index_columns)))
    return typed_table(builders, found)


def typed_table(builders: dict[str, ColumnBuilder], options: ReadingOptions) -> Table:
    """The typed columns; each builder is emptied in turn, so that the values are not held twice."""
    table: Table = {}
    for name in list(builders):
        column = builders.pop(name)
        table[name] = find_column(name, _cells(column, options.override_of(name), options.reader), options)
    return table


def _cells(column: ColumnBuilder, override: ColumnOverride, reader: int) -> Cells:
    """Plain numbers as an array, which is quick, unless the caller wants the texts or means other numbers by them."""
    if reader == 1:
        return column.values(override.type)
    may_be_plain = override.type in (None, "number") and not override.has_number_form
    return column.cells() if may_be_plain else column.texts()
