"""Which format a file has: by its first bytes, its Content-Type or its name, in this order."""

from __future__ import annotations

from pathlib import Path, PurePath

import orjson

from service.datasets.formats.decompression import first_bytes
from service.datasets.formats.limits import SNIFFED_BYTES
from service.datasets.storage.uploads import disk_as_problem
from service.media_types import ARROW_FILE, ARROW_STREAM, CSV, JSON, NDJSON_NAMES, OCTET_STREAM, PARQUET, PLAIN_TEXT
from service.problems import UnreadableBody, UnsupportedType
from service.schemas.dataset import DatasetFormat

_BY_MAGIC: dict[bytes, DatasetFormat] = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\xff\xff\xff\xff": "arrow"}
_BY_TYPE: dict[str, DatasetFormat] = {
    CSV: "csv",
    "text/tab-separated-values": "csv",
    "application/csv": "csv",
    PARQUET: "parquet",
    "application/x-parquet": "parquet",
    **dict.fromkeys(NDJSON_NAMES, "ndjson"),
    "application/x-jsonlines": "ndjson",
    JSON: "json",
    ARROW_STREAM: "arrow",
    ARROW_FILE: "arrow",
}
_UNSPECIFIC_TYPES = {"", OCTET_STREAM, "application/x-www-form-urlencoded", PLAIN_TEXT, "application/gzip"}
_UNSPECIFIC_TYPES |= {"application/x-gzip", "application/zstd", "application/vnd.ms-excel"}
_BY_SUFFIX: dict[str, DatasetFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
}
_NEEDS_MAGIC = {"parquet", "arrow"}


def detect_format(path: Path, content_type: str | None, file_name: str | None) -> DatasetFormat:
    """The format of a file. Raises UnsupportedType for an unknown type, and UnreadableBody if the bytes differ."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type not in _BY_TYPE and media_type not in _UNSPECIFIC_TYPES:
        raise UnsupportedType("Send the header `Content-Type: text/csv` (or that of Parquet, NDJSON, JSON or Arrow).")
    start = _start_of(path)
    _refuse_archives(start)
    for magic, format_ in _BY_MAGIC.items():
        if start.startswith(magic):
            return format_
    declared = _BY_TYPE.get(media_type) or _by_name(file_name)
    if declared in _NEEDS_MAGIC:
        raise UnreadableBody(f"The file is declared as {declared.title()}, but does not start like one.")
    return declared or _by_text(start)


def _start_of(path: Path) -> bytes:
    with disk_as_problem(), path.open("rb") as file:
        return first_bytes(file.read(SNIFFED_BYTES), SNIFFED_BYTES)


def _refuse_archives(start: bytes) -> None:
    if start.startswith(b"PK\x03\x04"):
        raise UnsupportedType(
            "This is a zip archive or an Excel workbook. Save the table as CSV and send the CSV file."
        )
    if start.startswith((b"BZh", b"\xfd7zXZ")):
        raise UnsupportedType(
            "This file is compressed by something other than gzip or zstd. Use gzip or zstd, or send it uncompressed."
        )


def _by_name(file_name: str | None) -> DatasetFormat | None:
    name = PurePath(file_name or "").name.lower().removesuffix(".gz").removesuffix(".zst")
    return _BY_SUFFIX.get(PurePath(name).suffix)


def _by_text(start: bytes) -> DatasetFormat:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        return "json"
    if not text.startswith(b"{"):
        return "csv"
    try:
        first = orjson.loads(text.splitlines()[0])
    except orjson.JSONDecodeError:
        return "json"
    holds_table = bool(first) and all(isinstance(value, list | dict) for value in first.values())
    return "json" if holds_table else "ndjson"
