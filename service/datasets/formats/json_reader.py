"""Tables of JSON values: rows or columns of a request, NDJSON and JSON files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from models.errors import BadColumn
from service.datasets.formats.blocks import Block, Cell
from service.datasets.formats.errors import TableError, unreadable
from service.datasets.formats.limits import (
    MOST_CELL_BYTES,
    MOST_ROW_BYTES,
    Limits,
    cell_too_large,
    check_column_count,
    check_names,
    json_too_large,
    row_too_large,
)
from service.datasets.formats.pandas_json import columns_of_pandas
from service.settings import MEBIBYTE

BLOCK_ROWS = 10_000
BLOCK_BYTES = 8 * MEBIBYTE
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SCALARS = {bool, int, float, str, type(None)}

Columns = dict[str, list[Cell]]


def columns_of_rows(rows: Sequence[Any], limits: Limits, first_row: int = 0) -> Columns:
    """The columns of a list of objects, in the order of their first appearance; what an object lacks is missing."""
    names: dict[str, None] = {}
    for number, row in enumerate(rows):
        if type(row) is not dict:
            message = f'Row {first_row + number} must be an object (of pandas: orient="records").'
            raise TableError("object_type", message, (first_row + number,))
        if row.keys() != names.keys():
            names.update(dict.fromkeys(row))
            check_column_count(len(names), limits)
    columns: Columns = {name: [row.get(name) for row in rows] for name in names}
    check_columns(columns, limits, first_row)
    return columns


def check_columns(columns: Mapping[str, list[Any]], limits: Limits, first_row: int = 0) -> None:
    """Raises TableError or BadColumn for names or cells that are not allowed."""
    check_names(list(columns), limits)
    for name, values in columns.items():
        if not set(map(type, values)) <= _SCALARS:
            _reject_nested(name, values, first_row)
        for value in values:
            if type(value) is str and len(value) > MOST_CELL_BYTES // 4 and len(value.encode()) > MOST_CELL_BYTES:
                raise cell_too_large()


def _reject_nested(name: str, values: list[Any], first_row: int) -> None:
    nested_rows = [row for row, value in enumerate(values) if type(value) not in _SCALARS]
    advice = "a cell is a number, a text, true, false or null."
    rows = [first_row + row for row in nested_rows]
    raise BadColumn.of_values(name, rows, lambda row: values[row - first_row], "holds", advice)


def columns_of_lists(columns: Mapping[str, Any], limits: Limits) -> Columns:
    """Columns sent as lists. Raises TableError unless they are lists of one length."""
    lengths = {}
    for name, values in columns.items():
        if type(values) is not list:
            message = f'The column {name!r} must be a list (of pandas: orient="list").'
            raise TableError("list_type", message, (name,))
        lengths[name] = len(values)
    for name, length in lengths.items():
        if length != (expected := next(iter(lengths.values()))):
            message = f"{name!r} has {length} rows and {next(iter(lengths))!r} {expected}; make them equal."
            raise TableError("uneven", message, (name,))
    check_columns(columns, limits)
    return dict(columns)


def read_ndjson(path: Path, limits: Limits) -> Iterator[Block]:
    """One JSON object a line. Raises TableError with the number of a line that is not an object."""
    first_row = 0
    all_bytes, read_bytes = path.stat().st_size, 0
    for rows, size in _row_blocks(path):
        read_bytes += size
        yield Block(columns_of_rows(rows, limits, first_row), len(rows), read_bytes / all_bytes)
        first_row += len(rows)


def _row_blocks(path: Path) -> Iterator[tuple[list[Any], int]]:
    """Blocks of rows, and their size in bytes."""
    rows: list[Any] = []
    size = 0
    for number, line in _lines(path):
        rows.append(_object_of(line, number))
        size += len(line)
        if len(rows) >= BLOCK_ROWS or size >= BLOCK_BYTES:
            yield rows, size
            rows, size = [], 0
    if rows:
        yield rows, size


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MOST_ROW_BYTES + 1):
            number += 1
            if len(line) > MOST_ROW_BYTES:
                raise row_too_large(f"Line {number}")
            if number == 1:
                line = line.removeprefix(BYTE_ORDER_MARK)
            if line.strip():
                yield number, line


def _object_of(line: bytes, number: int) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise unreadable(f"Line {number} is not JSON: {error.msg} at column {error.colno}.") from None
    if type(row) is not dict:
        raise TableError("object_type", f"Line {number} must be a JSON object.", (number,))
    return row


def read_json(path: Path, limits: Limits) -> Iterator[Block]:
    """A JSON file, read whole: a list of objects, an object with `rows` or `columns`, or what pandas writes."""
    size = path.stat().st_size
    if size > limits.json_bytes:
        raise json_too_large(size, limits)
    try:
        value = orjson.loads(path.read_bytes().removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise unreadable(f"This is not JSON: {error.msg} at line {error.lineno} column {error.colno}.") from None
    columns = columns_of_json(value, limits)
    yield Block(columns, len(next(iter(columns.values()), [])))


def columns_of_json(value: Any, limits: Limits) -> Columns:
    """The columns of a list of objects, `{"rows": […]}`, `{"columns": {…}}` or a table of pandas."""
    if type(value) is dict and set(value) == {"rows"}:
        value = value["rows"]
    if type(value) is list:
        return columns_of_rows(value, limits)
    if type(value) is dict and set(value) == {"columns"} and type(value["columns"]) is dict:
        return columns_of_lists(value["columns"], limits)
    columns = columns_of_pandas(value)
    if columns is not None:
        return columns_of_lists(columns, limits)
    message = 'A JSON table is a list of objects (of pandas: orient="records"), {"rows": […]}, or {"columns": {…}}.'
    raise TableError("no-table", message)


def canonical_ndjson(columns: Columns) -> Iterator[bytes]:
    """One compact object a line with every column in order: the form that the digest is computed from."""
    for start in range(0, len(next(iter(columns.values()), [])), BLOCK_ROWS):
        pieces = [values[start : start + BLOCK_ROWS] for values in columns.values()]
        rows: Iterable[tuple[Cell, ...]] = zip(*pieces, strict=True)
        yield b"".join(orjson.dumps(dict(zip(columns, row, strict=True))) + b"\n" for row in rows)
