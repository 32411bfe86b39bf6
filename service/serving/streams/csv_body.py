"""A CSV body to its columns and rows: what its first block shows about separator and header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from service.datasets.formats.csv_dialect import SEPARATORS, find_separator
from service.datasets.formats.limits import MOST_ROW_BYTES
from service.problems import UnreadableBody
from service.serving.streams.pieces import PieceFile, plain_pieces
from service.serving.streams.text_pieces import FIRST_BYTES, decoded

SEPARATOR_LINE = re.compile(r'"?sep=([^\r\n])"?\r?\n', re.IGNORECASE)
# An index without a name is read under this one.
INDEX_NAME = "index"
# What a line of names and a row may take up together.
LONGEST_START = 4 * 1024 * 1024
# So many records show whether all lines end in a separator.
MOST_RECORDS = 20
Record = list[str]


@dataclass(frozen=True)
class CsvBody:
    """`names` are those of the columns, empty for one without a name; `rows` is UTF-8 without the line of names."""

    names: list[str]
    separator: str
    rows: io.RawIOBase


@dataclass(frozen=True)
class _Start:
    """The first records under one separator; `header_length` is how many characters the first takes up."""

    separator: str
    records: list[Record]
    header_length: int

    def names(self, features: frozenset[str]) -> list[str]:
        """The names of all columns. Spaces around a name are no part of it, unless they are of a feature's name."""
        header, *rows = self.records
        names = [cell if cell in features else cell.strip() for cell in header]
        if {len(row) for row in rows} == {len(names) + 1}:
            names = ["", *names] if any(row[-1].strip() for row in rows) else [*names, ""]
        if not names[0] and INDEX_NAME in features - {*names}:
            names[0] = INDEX_NAME
        return names


def open_csv(body: io.RawIOBase, features: Sequence[str], has_header: bool = True) -> CsvBody | None:
    """The table, read no further than its first records; None where the body is empty. Raises UnreadableBody.

    The separator is the one that yields the features' names. Without a header the columns are `column_1` and so on.
    """
    pieces = decoded(plain_pieces(body))
    text = _first_text(pieces)
    if not text.strip():
        return None
    named = SEPARATOR_LINE.match(text)
    text = text if named is None else text[named.end() :]
    known = frozenset(features)
    start = _start(text, SEPARATORS if named is None else named[1], known)
    names, length = start.names(known), start.header_length
    if not has_header and not known <= set(names):
        names, length = [f"column_{position + 1}" for position in range(len(names))], 0
    rows = chain([text[length:]], pieces)
    return CsvBody(names, start.separator, PieceFile(piece.encode() for piece in rows if piece))


def _first_text(pieces: Iterator[str]) -> str:
    text, enough = "", FIRST_BYTES
    for piece in pieces:
        text = (text + piece).lstrip("\r\n")
        if "\0" in piece:
            raise UnreadableBody("The body is not text: it contains zero bytes. Send CSV, NDJSON or Arrow.")
        if len(text) >= enough:
            if _has_records(text):
                break
            enough = 4 * len(text)
    return text


def _has_records(text: str) -> bool:
    """Whether a line of names and a row are whole, or only blank lines follow the names. Raises UnreadableBody."""
    if len(text) > LONGEST_START:
        raise UnreadableBody("The first lines are too long, or a quote is never closed.")
    found = list(islice(_records(text, find_separator(text)), 3))
    return len(found) == 3 or (len(found) == 1 and text[found[0][1] :].isspace())


def _start(text: str, separators: str, features: frozenset[str]) -> _Start:
    starts = [start for separator in separators if (start := _first_records(text, separator)) is not None]
    if not starts:
        raise UnreadableBody("The body is not CSV: its first line can't be read.")
    usual = find_separator(text)
    return max(starts, key=lambda start: (len(features.intersection(start.names(features))), start.separator == usual))


def _first_records(text: str, separator: str) -> _Start | None:
    found = list(islice(_records(text, separator), MOST_RECORDS + 1))
    if not found:
        return None
    # The last one may have been cut off with the text, unless there are few.
    kept = found[:-1] if len(found) > 2 else found
    return _Start(separator, [record for record, _ in kept], found[0][1])


def _records(text: str, separator: str) -> Iterator[tuple[Record, int]]:
    """Each record that is not blank, and where it ends."""
    csv.field_size_limit(MOST_ROW_BYTES)
    position = 0

    def lines() -> Iterator[str]:
        nonlocal position
        for line in io.StringIO(text, newline=""):
            position += len(line)
            yield line

    try:
        for record in csv.reader(lines(), delimiter=separator):
            if record:
                yield record, position
    except csv.Error:
        return
