"""Bodies to predictions, block by block, for each format of tables."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import orjson

from service.media_types import ARROW_STREAM, CSV_NAMES, NDJSON_NAMES
from service.problems import InvalidInput, UnreadableBody, shorten
from service.serving.input_errors import invalid_input
from service.serving.served_version import Predicted, ServedVersion
from service.serving.streams.arrow_batches import ROOT, predict_batch, with_row_offset
from service.serving.streams.csv_body import CsvBody, open_csv
from service.serving.streams.pieces import PieceFile, plain_pieces

BLOCK_BYTES = 1024 * 1024
BLOCK_ROWS = 10_000
LONGEST_LINE = 16 * 1024 * 1024

Reader = Callable[[ServedVersion, io.RawIOBase], Iterator[Predicted]]


def read_csv(version: ServedVersion, body: io.RawIOBase) -> Iterator[Predicted]:
    """A first line of names, in any order. Raises InvalidInput, UnreadableBody and TooLarge."""
    table = open_csv(version, body)
    if table is None:
        raise UnreadableBody("The body is not CSV: it is empty.")
    version.reader.check_names(table.names, ROOT)
    yield from _predicted(version, _csv_batches(table, version.reader.names))


def _csv_batches(table: CsvBody, features: Sequence[str]) -> Iterator[Any]:
    """Record batches of the features' cells as texts. The columns are known by their places: names may repeat."""
    import pyarrow as pa
    from pyarrow import csv

    places = [str(place) for place in range(len(table.names))]
    kept = [str(table.names.index(name)) for name in features]
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(kept, pa.string()), include_columns=kept, strings_can_be_null=False
    )
    read = csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False, column_names=places)
    parse = csv.ParseOptions(delimiter=table.separator, newlines_in_values=True)
    rows = io.BufferedReader(table.rows)
    if not rows.peek(1):
        return
    try:
        for batch in csv.open_csv(pa.PythonFile(rows), read, parse, convert):
            yield pa.RecordBatch.from_arrays(batch.columns, names=list(features))
    except pa.ArrowInvalid as error:
        raise _csv_fault(str(error)) from None


def read_arrow(version: ServedVersion, body: io.RawIOBase) -> Iterator[Predicted]:
    """Arrow's IPC streaming format. Raises InvalidInput and UnreadableBody."""
    import pyarrow as pa

    try:
        batches = pa.ipc.open_stream(pa.PythonFile(io.BufferedReader(PieceFile(plain_pieces(body)))))
        version.reader.check_names(batches.schema.names, ROOT)
        yield from _predicted(version, (part for batch in batches for part in _parts(batch)))
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableBody(f"The body is not an Arrow stream: {shorten(str(error))}") from None


def read_ndjson(version: ServedVersion, body: io.RawIOBase) -> Iterator[Predicted]:
    """A row a line, an object or a list; predicted on arrival. Raises InvalidInput and UnreadableBody."""
    first_row = 0
    for lines in _lines(plain_pieces(body)):
        rows = [_row(line, first_row + place) for place, line in enumerate(lines)]
        try:
            checked = version.reader.find_rows(rows) or version.reader.read(rows, ROOT)
            yield version.predict_rows(checked, ROOT)
        except InvalidInput as problem:
            raise with_row_offset(problem, first_row) from None
        first_row += len(lines)


READERS: dict[str, Reader] = {
    **dict.fromkeys(CSV_NAMES, read_csv),
    ARROW_STREAM: read_arrow,
    **dict.fromkeys(NDJSON_NAMES, read_ndjson),
}


def _predicted(version: ServedVersion, batches: Iterator[Any]) -> Iterator[Predicted]:
    first_row = 0
    for batch in batches:
        if batch.num_rows:
            yield predict_batch(version, batch, first_row)
            first_row += batch.num_rows


def _parts(batch: Any) -> Iterator[Any]:
    """A batch may be of any length; its predictions should not.

    Its own description is validated first: Arrow would follow a wrong offset out of its memory.
    """
    batch.validate(full=True)
    return (batch.slice(start, BLOCK_ROWS) for start in range(0, batch.num_rows, BLOCK_ROWS))


def _lines(pieces: Iterator[bytes]) -> Iterator[list[bytes]]:
    """The lines that are complete with each piece of the body, at most BLOCK_ROWS at a time; blank ones left out."""
    rest, mark = b"", codecs.BOM_UTF8
    for piece in pieces:
        *lines, rest = (rest + piece).removeprefix(mark).split(b"\n")
        mark = mark if not lines else b""
        if len(rest) > LONGEST_LINE:
            raise UnreadableBody(f"A line is longer than {LONGEST_LINE:,} bytes.")
        yield from _in_blocks(lines)
    yield from _in_blocks([rest])


def _in_blocks(lines: list[bytes]) -> Iterator[list[bytes]]:
    rows = (line for line in lines if line.strip())
    while block := list(islice(rows, BLOCK_ROWS)):
        yield block


def _row(line: bytes, row: int) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnreadableBody(f"Line {row + 1} is not JSON: {error.msg} at column {error.colno}.") from None


def _csv_fault(message: str) -> InvalidInput | UnreadableBody:
    """An error of a ragged line has the number of its row, counted from 1 below the line of names."""
    line = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", message)
    if line is None:
        return UnreadableBody(f"The body is not CSV: {shorten(message)}")
    return invalid_input(
        [*ROOT, int(line[1]) - 1], "ragged", f"the first line has {line[2]} columns, this one {line[3]}"
    )
