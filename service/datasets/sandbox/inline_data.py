"""The data of `POST /train`: read from small bodies here, extracted from large ones as canonical NDJSON."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from models.errors import ModelError
from service.datasets.formats.errors import INLINE_COLUMNS, INLINE_ROWS, Place, TableError, problem_of
from service.datasets.formats.json_reader import Columns, canonical_ndjson, columns_of_lists, columns_of_rows
from service.datasets.formats.limits import Limits
from service.datasets.storage.uploads import StagedFile
from service.problems import InvalidInput, Location, TooLarge, UnreadableBody, input_error
from service.schemas.training import DATASET_PATTERN
from service.settings import MEBIBYTE, Settings
from service.strict_json import parse_json

MOST_REST_BYTES = MEBIBYTE


@dataclass(frozen=True)
class InlineData:
    """Rows or columns sent within the request."""

    columns: Columns
    place: Place


def read_inline(data: Any, limits: Limits) -> InlineData | None:
    """The table of `{"rows": […]}` or `{"columns": {…}}`; None for anything else, which is not inline data.

    Raises the problem of rows that are not a table.
    """
    if type(data) is not dict or len(data) != 1:
        return None
    [(kind, value)] = data.items()
    if (kind, type(value)) not in (("rows", list), ("columns", dict)):
        return None
    place = INLINE_ROWS if kind == "rows" else INLINE_COLUMNS
    if not value or (kind == "columns" and not next(iter(value.values()))):
        raise InvalidInput("There are no rows.", errors=[input_error(place.root, "too_short", "give at least one row")])
    try:
        columns = columns_of_rows(value, limits) if type(value) is list else columns_of_lists(value, limits)
    except (TableError, ModelError) as error:
        raise problem_of(error, place) from error
    if not columns:
        raise InvalidInput("The rows are empty.", errors=[input_error(place.root, "too_short", "give columns")])
    return InlineData(columns, place)


@dataclass(frozen=True)
class ExtractedBody:
    """The content of a large body: its data as a file with its digest, if there is any, and the rest as JSON."""

    rest: bytes
    by_column: bool
    id: str | None = None
    bytes: int = 0


def extract(body: Path, target: Path, limits: Limits) -> ExtractedBody:
    """Write the data of a body to `target`. Raises the problem of a body that can't be read."""
    try:
        value = orjson.loads(body.read_bytes())
    except orjson.JSONDecodeError as error:
        raise UnreadableBody(
            f"This is not JSON in UTF-8: {error.msg} at line {error.lineno} column {error.colno}."
        ) from None
    inline = read_inline(value.get("data"), limits) if type(value) is dict else None
    if inline is not None:
        del value["data"]
    rest = orjson.dumps(value)
    if len(rest) > MOST_REST_BYTES:
        raise TooLarge(f"Without its data the body is over {MOST_REST_BYTES:,} bytes. Send the rows in `data`.")
    if inline is None:
        return ExtractedBody(rest, by_column=False)
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        for piece in canonical_ndjson(inline.columns):
            size += file.write(piece)
            digest.update(piece)
            if size > limits.inflated_bytes:
                raise TooLarge(
                    f"Written as NDJSON the data is over the {limits.inflated_bytes:,} bytes of "
                    "FEEDFORWARD_MAX_UPLOAD_BYTES. Give the columns shorter names, or send CSV or Parquet."
                )
        file.flush()
        os.fsync(file.fileno())
    return ExtractedBody(rest, inline.place.by_column, f"sha256:{digest.hexdigest()}", size)


SMALL_BODY_BYTES = 256 * 1024
MOST_NDJSON_BYTES = 16 * MEBIBYTE


@dataclass(frozen=True)
class NewData:
    """Data that was sent with the request. Few rows are `columns` and `content`; anything else is a staged file."""

    id: str
    format: str
    place: Place
    columns: Columns | None = None
    content: bytes = b""
    staged: StagedFile | None = None


@dataclass(frozen=True)
class ReceivedTraining:
    """An unchecked specification, its location, and the data: new, or the reference of a dataset."""

    specification: Any
    root: Location
    data: NewData | str


def read_small(body: bytes, settings: Settings, default: str | None = None) -> ReceivedTraining:
    """A body that is small enough to parse in this process."""
    if not body and default is not None:
        return ReceivedTraining({}, ("body",), default)
    return without_data(parse_json(body, settings.max_json_depth), settings, default)


def without_data(value: Any, settings: Settings, default: str | None) -> ReceivedTraining:
    """A parsed body with its data taken out. Raises InvalidInput and the problem of data that is not a table."""
    if type(value) is not dict:
        raise _not_an_object()
    if "data" not in value and default is not None:
        return ReceivedTraining(value, ("body",), default)
    inline = read_inline(value.get("data"), Limits.of(settings))
    if inline is None:
        return ReceivedTraining(value, ("body",), read_reference(value.pop("data", None)))
    del value["data"]
    return ReceivedTraining(value, ("body",), _inline(inline))


def _inline(inline: InlineData) -> NewData:
    _check_ndjson_size(inline.columns)
    content = b"".join(canonical_ndjson(inline.columns))
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return NewData(digest, "ndjson", inline.place, columns=inline.columns, content=content)


def _check_ndjson_size(columns: Columns) -> None:
    """Raises TooLarge if the data is too large as rows, which repeat the name of each column."""
    n_rows = len(next(iter(columns.values())))
    size = n_rows * sum(len(name) for name in columns)
    if size > MOST_NDJSON_BYTES:
        raise TooLarge(
            f"The names of the columns are so long that {n_rows:,} rows are over {MOST_NDJSON_BYTES:,} bytes."
        )


def read_reference(data: Any) -> str:
    """The dataset that `{"dataset": …}` refers to. Raises InvalidInput for anything else."""
    if data is None:
        raise _bad_data([], "missing", 'this is required: {"rows": […]}, {"columns": {…}} or {"dataset": "…"}')
    if type(data) is not dict or set(data) != {"dataset"}:
        message = (
            'this should be one of {"rows": […]} (of pandas: orient "records"), {"columns": {…}} and {"dataset": "…"}'
        )
        raise _bad_data([], "invalid", message)
    reference = data["dataset"]
    if type(reference) is not str or not re.fullmatch(DATASET_PATTERN, reference):
        raise _bad_data(["dataset"], "invalid", "this should be the name of a dataset or its sha256:…")
    return reference


def _bad_data(inside: list[str], code: str, message: str) -> InvalidInput:
    return InvalidInput(f"data: {message}.", errors=[input_error(["body", "data", *inside], code, message)])


def _not_an_object() -> InvalidInput:
    message = "this must be a JSON object"
    return InvalidInput("The body must be a JSON object.", errors=[input_error(["body"], "object_type", message)])


def fingerprint_of(specification: Any, data: str) -> str:
    """One digest of a request: the same for the same request, however its JSON or its form is written."""
    canonical = orjson.dumps([specification, data], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()
