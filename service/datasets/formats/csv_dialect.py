"""How a CSV file is written: its encoding, its separator and its header, detected from the file itself."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from models.coded_warnings import CodedWarning, WarningCode
from models.data.text_values import MISSING_TEXTS
from service.datasets.formats.errors import TableError, unreadable
from service.datasets.formats.limits import (
    MOST_ROW_BYTES,
    SNIFFED_BYTES,
    Limits,
    check_column_count,
    check_names,
    row_too_large,
)
from service.datasets.storage.uploads import PIECE_BYTES

SEPARATORS = ",;\t|"
OTHER_SEPARATORS = " :^~"  # uncommon in CSV, so a file with only these is read as one column
SNIFFED_RECORDS = 20


@dataclass(frozen=True)
class Dialect:
    """What a reader needs to know; `warnings` are for the caller."""

    encoding: str
    separator: str
    names: list[str]
    warnings: tuple[CodedWarning, ...] = ()


def find_dialect(path: Path, limits: Limits, scanned_bytes: int | None = None) -> Dialect:
    """`scanned_bytes` limits how much of the file decides its encoding. Raises TableError without a header."""
    encoding, warnings = find_encoding(path, scanned_bytes)
    start = _start_of(path, encoding)
    separator = find_separator(start)
    names = [name.strip() for name in _header(path, encoding, separator, limits)]
    _check_is_header(names)
    check_names(names, limits)
    return Dialect(encoding, separator, names, (*warnings, *_separator_warnings(names)))


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
    return counts.count(counts[0]) / len(counts), counts[0]


def _header(path: Path, encoding: str, separator: str, limits: Limits) -> list[str]:
    """The cells of the first record, read no further than the longest allowed row."""
    csv.field_size_limit(MOST_ROW_BYTES)
    with path.open(encoding=encoding, newline="") as file:
        text = file.read(MOST_ROW_BYTES).removeprefix("\ufeff")
    if text.count(separator, 0, _first_break(text)) > 10 * limits.columns:
        check_column_count(text.count(separator, 0, _first_break(text)) + 1, limits)
    lines = iter(io.StringIO(text, newline=""))
    try:
        for record in csv.reader(lines, delimiter=separator):
            if record:
                _check_ended(record, text)
                return record
    except csv.Error:
        raise row_too_large("The first line") from None
    raise TableError("empty", "The file has no lines. Its first line must name the columns.")


def _first_break(text: str) -> int:
    return min((place for place in (text.find("\n"), text.find("\r")) if place >= 0), default=len(text))


def _check_ended(record: list[str], text: str) -> None:
    if sum(map(len, record)) + len(record) >= MOST_ROW_BYTES - 2 and len(text) == MOST_ROW_BYTES:
        raise row_too_large("The first line")


def _check_is_header(names: list[str]) -> None:
    """Raises TableError if the first line is data: only numbers, or a number such as 5.1 among its cells."""
    cells = [name for name in names if name not in MISSING_TEXTS]
    if cells and (all(_is_number(name) for name in cells) or any(map(_is_measure, cells))):
        examples = ", ".join(cells[:3])
        message = f"The first line is data ({examples}, …), but must name the columns. Put a line with names above it."
        raise TableError("no-header", message, (1,))


def _is_measure(text: str) -> bool:
    """Whether a text is surely a number: whole numbers may be names, such as years, and so may `inf`."""
    return _is_number(text) and not text.isdigit() and any(map(str.isdigit, text))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
