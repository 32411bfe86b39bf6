"""A CSV body to its columns and rows: what its first block shows about separator and header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from service.datasets.formats.csv_dialect import SEPARATOR_LINE, SEPARATORS, find_separator
from service.datasets.formats.csv_header import INDEX_NAME, numbered_names
from service.datasets.formats.limits import MOST_ROW_BYTES
from service.problems import UnreadableBody
from service.serving.served_version import ServedVersion
from service.serving.streams.pieces import PieceFile, plain_pieces
from service.serving.streams.text_pieces import FIRST_BYTES, decoded

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
    features: frozenset[str]

    @property
    def n_features(self) -> int:
        """How many features the first line names."""
        return len(self.features.intersection(self._header))

    @property
    def is_regular(self) -> bool:
        """Whether all lines have as many cells."""
        return len(set(map(len, self.records))) == 1

    @property
    def _header(self) -> list[str]:
        """Spaces around a name are no part of it, unless they are of a feature's name."""
        return [cell if cell in self.features else cell.strip() for cell in self.records[0]]

    def names(self, had_index: bool) -> list[str]:
        """The names of all columns; `had_index` where the training table had an index without a name."""
        names, rows = self._header, self.records[1:]
        if {len(row) for row in rows} == {len(names) + 1}:
            if not any(row[-1].strip() for row in rows):
                names = [*names, ""]
            elif had_index or _are_row_names([row[0] for row in rows]):
                names = ["", *names]
        if not names[0] and INDEX_NAME in self.features - {*names}:
            names[0] = INDEX_NAME
        return names


def _are_row_names(cells: Sequence[str]) -> bool:
    """Whether the first cells are names of several rows. Of one row, its first number may be cut by a decimal comma."""
    return len(cells) > 1 and len(set(cells)) == len(cells)


def open_csv(version: ServedVersion, body: io.RawIOBase) -> CsvBody | None:
    """The table, read no further than its first records; None where the body is empty. Raises UnreadableBody.

    The separator is the one that yields the features' names. Without a header the columns are `column_1` and so on.
    """
    pieces = decoded(plain_pieces(body))
    text, is_whole = _first_text(pieces)
    if not text.strip():
        return None
    named = SEPARATOR_LINE.match(text)
    text = text if named is None else text[named.end() :]
    features = frozenset(version.reader.names)
    start = _start(text, is_whole, SEPARATORS if named is None else named[1], features)
    names, length = start.names(version.reader.ignores(INDEX_NAME)), start.header_length
    if not version.has_header and not features <= set(names):
        names, length = numbered_names(len(names)), 0
    rows = chain([text[length:]], pieces)
    return CsvBody(names, start.separator, PieceFile(piece.encode() for piece in rows if piece))


def _first_text(pieces: Iterator[str]) -> tuple[str, bool]:
    """The text of the first records, and whether it is the whole body."""
    text, enough = "", FIRST_BYTES
    for piece in pieces:
        text = (text + piece).lstrip("\r\n")
        if "\0" in piece:
            raise UnreadableBody("The body is not text: it contains zero bytes. Send CSV, NDJSON or Arrow.")
        if len(text) >= enough:
            if _has_records(text):
                return text, False
            enough = 4 * len(text)
    return text, True


def _has_records(text: str) -> bool:
    """Whether a line of names and a row are whole, or only blank lines follow the names. Raises UnreadableBody."""
    if len(text) > LONGEST_START:
        raise UnreadableBody("The first lines are too long, or a quote is never closed.")
    found = list(islice(_records(text, find_separator(text)), 3))
    return len(found) == 3 or (len(found) == 1 and text[found[0][1] :].isspace())


def _start(text: str, is_whole: bool, separators: str, features: frozenset[str]) -> _Start:
    starts = []
    for separator in separators:
        found = list(islice(_records(text, separator), MOST_RECORDS + 1))
        # The last record may have been cut off with the text.
        kept = found if is_whole or len(found) < 3 else found[:-1]
        if kept:
            starts.append(_Start(separator, [record for record, _ in kept], kept[0][1], features))
    if not starts:
        raise UnreadableBody("The body is not CSV: its first line can't be read.")
    usual = find_separator(text)
    return max(starts, key=lambda start: (start.n_features, start.is_regular, start.separator == usual))


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
