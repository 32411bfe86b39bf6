"""CSV, block by block: every cell as text, so that a column's type can be decided together with its exceptions."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from service.datasets.formats.blocks import Block
from service.datasets.formats.csv_dialect import Dialect, open_text
from service.datasets.formats.csv_header import Header
from service.datasets.formats.errors import TableError, unreadable
from service.datasets.formats.limits import MOST_CELL_BYTES, MOST_ROW_BYTES, cell_too_large, row_too_large
from service.problems import MOST_ERRORS

# Python counts lines a hundred times more slowly than Arrow reads them.
MOST_COUNTED_LINES = 2_000_000


def read_csv(path: Path, dialect: Dialect) -> Iterator[Block]:
    """Blocks of Arrow text columns. Raises TableError with the numbers of ragged lines."""
    import pyarrow as pa

    ragged_lines = RaggedLines()
    try:
        yield from _blocks(path, dialect, ragged_lines)
    except pa.ArrowInvalid as error:
        if ragged_lines.count:
            raise ragged_error(path, dialect) from None
        raise _table_error(error) from None


def _blocks(path: Path, dialect: Dialect, ragged_lines: RaggedLines) -> Iterator[Block]:
    import pyarrow as pa

    index_columns, n_rows = dialect.header.index_columns, 0
    with pa.OSFile(str(path)) as file:
        all_bytes = file.size()
        for batch in _open(file, dialect, ragged_lines):
            if ragged_lines.count:
                raise ragged_error(path, dialect)
            columns = dict(zip(dialect.names, batch.columns, strict=True))
            check_cells(columns)
            _check_empty(columns, dialect, n_rows)
            n_rows += batch.num_rows
            yield Block(columns, batch.num_rows, file.tell() / all_bytes, index_columns)
    if ragged_lines.count:
        raise ragged_error(path, dialect)


def _open(file: Any, dialect: Dialect, ragged_lines: RaggedLines) -> Any:
    """Record batches of text columns."""
    from pyarrow import csv as arrow_csv
    from pyarrow import string

    names = dialect.names
    return arrow_csv.open_csv(
        file,
        read_options=arrow_csv.ReadOptions(
            use_threads=False,
            block_size=MOST_ROW_BYTES,
            encoding=dialect.encoding,
            column_names=names,
            skip_rows=dialect.skipped_lines,
            skip_rows_after_names=dialect.blank_lines + 1 if dialect.header.is_line else 0,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=dialect.separator, newlines_in_values=True, invalid_row_handler=ragged_lines.note
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, string()), strings_can_be_null=False
        ),
    )


class RaggedLines:
    """Counts the lines with more or fewer cells than there are columns; Arrow knows neither their place nor all."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, row: Any) -> str:
        self.count += 1
        return "skip"


def ragged_error(path: Path, dialect: Dialect) -> TableError:
    """The error of a file that has such lines: the first of them by their numbers in the file, and how many."""
    places: list[tuple[int, int]] = []
    count, is_whole = 0, False
    try:
        for number, (line, n_cells) in enumerate(_lengths(path, dialect)):
            if n_cells != len(dialect.names):
                count += 1
                places += [(line, n_cells)] if len(places) < MOST_ERRORS else []
            if count and number >= MOST_COUNTED_LINES:
                break
        else:
            is_whole = True
    except csv.Error:
        pass  # a quote is never closed, so that the lines behind it cannot be counted
    return _ragged(places, count, dialect.header, is_whole)


def _lengths(path: Path, dialect: Dialect) -> Iterator[tuple[int, int]]:
    """The number of the line on which each record begins, counted from 1, and how many cells it has."""
    with open_text(path, dialect) as file:
        reader = csv.reader(file, delimiter=dialect.separator)
        next_line, is_header = 1 + dialect.skipped_lines, dialect.header.is_line
        for record in reader:
            if record and not is_header:
                yield next_line, len(record)
            is_header = is_header and not record
            next_line = reader.line_num + 1 + dialect.skipped_lines


def _ragged(places: Sequence[tuple[int, int]], count: int, header: Header, is_whole: bool) -> TableError:
    columns = f"{'the header names' if header.is_line else 'the first line has'} {len(header.names)} columns"
    messages = [f"Line {line} has {cells} cell{'s' * (cells != 1)}, but {columns}." for line, cells in places]
    if not messages:
        return unreadable("The file could not be read as CSV: its lines have different numbers of cells.")
    at_least = "" if is_whole else "At least "
    total = f" {at_least}{count:,} lines have more or fewer cells." if count > 1 else ""
    where = [(line,) for line, _ in places]
    return TableError("ragged-line", f"{messages[0]}{total}", *where, count=count, messages=messages)


def _check_empty(columns: dict[str, Any], dialect: Dialect, first_row: int) -> None:
    """Raises TableError where a column behind the last name has a value: its name is missing."""
    import pyarrow.compute as pc

    for name in dialect.header.empty:
        row = pc.index(pc.not_equal(pc.utf8_trim_whitespace(columns[name]), ""), value=True).as_py()
        if row >= 0:
            place = dialect.names.index(name) + 1
            message = f"Column {place} has no name, but a value in row {first_row + row}. Name it, or leave it out."
            raise TableError("empty-name", message)


def check_cells(columns: dict[str, Any]) -> None:
    """Raises TableError if a cell exceeds the limit."""
    import pyarrow.compute as pc

    for values in columns.values():
        longest = pc.max(pc.binary_length(values)).as_py()
        if longest is not None and longest > MOST_CELL_BYTES:
            raise cell_too_large()


def _table_error(error: Exception) -> TableError:
    message = str(error)
    if "straddling object" in message:
        return row_too_large("A row")
    match = re.search(r"Row #(\d+)", message)
    place = f"Line {match.group(1)}" if match else "The file"
    return unreadable(f"{place} could not be read as CSV: {message.splitlines()[0][:200]}")
