"""CSV, block by block: every cell as text, so that a column's type can be decided together with its exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.datasets.formats.blocks import Block
from service.datasets.formats.csv_dialect import Dialect
from service.datasets.formats.errors import TableError, unreadable
from service.datasets.formats.limits import MOST_CELL_BYTES, MOST_ROW_BYTES, cell_too_large, row_too_large
from service.problems import MOST_ERRORS


def read_csv(path: Path, dialect: Dialect) -> Iterator[Block]:
    """Blocks of Arrow text columns. Raises TableError with the numbers of ragged lines."""
    import pyarrow as pa

    ragged_lines = RaggedLines()
    try:
        yield from _blocks(path, dialect, ragged_lines)
    except pa.ArrowInvalid as error:
        ragged_lines.check()
        raise _table_error(error) from None


def _blocks(path: Path, dialect: Dialect, ragged_lines: RaggedLines) -> Iterator[Block]:
    import pyarrow as pa

    names = dialect.names
    is_first = True
    with pa.OSFile(str(path)) as file:
        all_bytes = file.size()
        for batch in _open(file, dialect, ragged_lines):
            ragged_lines.check()
            rows = batch.slice(1) if is_first and batch.num_rows else batch  # the header is a row too
            is_first = is_first and not batch.num_rows
            columns = dict(zip(names, rows.columns, strict=True))
            check_cells(columns)
            yield Block(columns, rows.num_rows, file.tell() / all_bytes)
    ragged_lines.check()


def _open(file: Any, dialect: Dialect, ragged_lines: RaggedLines) -> Any:
    """Record batches of text columns."""
    from pyarrow import csv, string

    names = dialect.names
    return csv.open_csv(
        file,
        read_options=csv.ReadOptions(
            use_threads=False, block_size=MOST_ROW_BYTES, encoding=dialect.encoding, column_names=names, skip_rows=0
        ),
        parse_options=csv.ParseOptions(
            delimiter=dialect.separator, newlines_in_values=True, invalid_row_handler=ragged_lines.note
        ),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, string()), strings_can_be_null=False),
    )


class RaggedLines:
    """Lines with more or fewer cells than the header: their count, and the first of them."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, int]] = []
        self.expected = self.count = 0

    def note(self, row: Any) -> str:
        self.count += 1
        self.expected = row.expected_columns
        if len(self.lines) < MOST_ERRORS:
            self.lines.append((row.number, row.actual_columns))
        return "skip" if self.count < 10 * MOST_ERRORS else "error"

    def check(self) -> None:
        if not self.count:
            return
        number, cells = self.lines[0]
        message = f"Line {number} has {cells} cell{'s' * (cells != 1)}, but the header names {self.expected} columns."
        raise TableError("ragged-line", message, *((line,) for line, _ in self.lines), count=self.count)


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
