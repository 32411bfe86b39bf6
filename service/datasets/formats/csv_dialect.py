"""How a CSV file is written: its encoding, its separator and its header, detected from the file itself."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from models.coded_warnings import CodedWarning, WarningCode
from service.datasets.formats.csv_header import Header, Record, find_header
from service.datasets.formats.errors import TableError, unreadable
from service.datasets.formats.limits import (
    MOST_ROW_BYTES,
    SNIFFED_BYTES,
    Limits,
    check_column_count,
    check_names,
    no_rows,
    row_too_large,
)
from service.datasets.storage.uploads import PIECE_BYTES

# As Excel writes it: the separator is its group.
SEPARATOR_LINE = re.compile(r'"?sep=([^\r\n])"?\r?\n', re.IGNORECASE)
SEPARATORS = ",;\t|"
OTHER_SEPARATORS = " :^~"  # uncommon in CSV, so a file with only these is read as one column
SNIFFED_RECORDS = 20


@dataclass(frozen=True)
class Dialect:
    """What a reader needs to know; `warnings` are for the caller.

    `skipped_lines` stand before the header: Excel's `sep=;`. `blank_lines` come between these and the header.
    """

    encoding: str
    separator: str
    header: Header
    skipped_lines: int = 0
    blank_lines: int = 0
    warnings: tuple[CodedWarning, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return self.header.names


def find_dialect(
    path: Path, limits: Limits, scanned_bytes: int | None = None, has_header: bool | None = None
) -> Dialect:
    """`scanned_bytes` limits how much of the file decides its encoding. Raises TableError without a header.

    `has_header` says whether the first line names the columns; None finds out.
    """
    encoding, warnings = find_encoding(path, scanned_bytes)
    start = _start_of(path, encoding)
    named = find_separator_line(start)
    separator, skipped_lines = (find_separator(start), 0) if named is None else (named, 1)
    blank_lines, records = _first_records(path, Dialect(encoding, separator, Header([]), skipped_lines), limits)
    header = find_header(records, has_header)
    if header.is_line and len(records) == 1:
        raise no_rows()
    check_names(header.names, limits)
    warnings = (*warnings, *_separator_warnings(header.names))
    return Dialect(encoding, separator, header, skipped_lines, blank_lines, warnings)


def find_separator_line(text: str) -> str | None:
    """The separator that a first line such as `sep=;` names, as Excel writes it; None for any other line."""
    line = SEPARATOR_LINE.match(text)
    return None if line is None else line[1]


def find_encoding(path: Path, scanned_bytes: int | None = None) -> tuple[str, tuple[CodedWarning, ...]]:
    """UTF-8 if every byte is, else by the byte order mark, else Windows-1252 or Latin-1 with a warning."""
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise TableError("empty", "The file is empty. Its first line must name the columns.")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if not _decodes(path, "utf-16", scanned_bytes):
            raise unreadable("The file begins as UTF-16 but is not. Save it as UTF-8.")
        return "utf-16", ()
    for encoding in ("utf-8", "cp1252"):
        if _decodes(path, encoding, scanned_bytes):
            return encoding, () if encoding == "utf-8" else (_encoding_warning("Windows-1252"),)
    return "latin-1", (_encoding_warning("Latin-1"),)


def _separator_warnings(names: list[str]) -> Iterator[CodedWarning]:
    if len(names) == 1 and any(sign in names[0] for sign in OTHER_SEPARATORS):
        message = "The file has one column. If it has more, separate them by , ; | or tabs."
        yield CodedWarning(WarningCode.ONE_COLUMN, message)


def _encoding_warning(name: str) -> CodedWarning:
    message = f"The file is not UTF-8; it was read as {name}. Check letters with accents."
    return CodedWarning(WarningCode.ENCODING, message)


def _decodes(path: Path, encoding: str, scanned_bytes: int | None) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    n_pieces = None if scanned_bytes is None else scanned_bytes // PIECE_BYTES
    try:
        for piece in islice(_pieces(path), n_pieces):
            decoder.decode(piece)
        decoder.decode(b"", final=scanned_bytes is None)
    except UnicodeDecodeError:
        return False
    return True


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(PIECE_BYTES), b"")


def _start_of(path: Path, encoding: str) -> str:
    with path.open("rb") as file:
        start = file.read(SNIFFED_BYTES)
    text = codecs.getincrementaldecoder(encoding)().decode(start).removeprefix("\ufeff")
    if "\0" in text:
        raise unreadable("This is not text: it contains zero bytes. Send CSV, Parquet, NDJSON, JSON or Arrow.")
    return text


def find_separator(text: str) -> str:
    """The separator that splits most of the first records into the same number of cells, more than one."""
    return max(SEPARATORS, key=lambda separator: (_regularity(text, separator), -SEPARATORS.index(separator)))


def _regularity(text: str, separator: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    counts: list[int] = []
    try:
        for record in reader:
            if record:
                counts.append(len(record))
            if len(counts) == SNIFFED_RECORDS:
                break
    except csv.Error:
        pass
    if not counts or counts[0] < 2:
        return 0.0, 0
    n_regular = max(counts.count(counts[0]), counts.count(counts[0] + 1))  # R names no column of row names
    return n_regular / len(counts), counts[0]


def open_text(path: Path, dialect: Dialect) -> TextIO:
    """The lines of the file, without the mark of its encoding and the lines before its header."""
    file = path.open(encoding="utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding, newline="")
    for _ in range(dialect.skipped_lines):
        file.readline(MOST_ROW_BYTES)
    return file


def _first_records(path: Path, dialect: Dialect, limits: Limits) -> tuple[int, list[Record]]:
    """How many blank lines come first, and the records after them, read no further than the longest allowed row."""
    with open_text(path, dialect) as file:
        text = file.read(MOST_ROW_BYTES)
    n_separators = text.count(dialect.separator, 0, _first_break(text))
    if n_separators > 10 * limits.columns:
        check_column_count(n_separators + 1, limits)
    n_blank = 0
    records: list[Record] = []
    for record in _records(text, dialect.separator):
        n_blank += not (record or records)
        if record:
            records.append(record)
        if len(records) == SNIFFED_RECORDS:
            break
    if not records:
        raise TableError("empty", "The file has no lines. Its first line must name the columns.")
    _check_ended(records[0], text)
    last_may_be_cut = len(text) == MOST_ROW_BYTES and len(records) > 2
    return n_blank, records[:-1] if last_may_be_cut else records


def _records(text: str, separator: str) -> Iterator[Record]:
    """The records until one has a quote that is never closed. Raises TableError where that is the first."""
    csv.field_size_limit(MOST_ROW_BYTES)
    is_first = True
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield record
            is_first = is_first and not record
    except csv.Error:
        if is_first:
            raise row_too_large("The first line") from None


def _first_break(text: str) -> int:
    return min((place for place in (text.find("\n"), text.find("\r")) if place >= 0), default=len(text))


def _check_ended(record: Record, text: str) -> None:
    if sum(map(len, record)) + len(record) >= MOST_ROW_BYTES - 2 and len(text) == MOST_ROW_BYTES:
        raise row_too_large("The first line")
