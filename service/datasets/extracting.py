"""A large body of `POST /train`: its data becomes a file of canonical NDJSON, the rest stays JSON."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from models.errors import ModelError
from service.datasets.faults import INLINE_COLUMNS, INLINE_ROWS, Place, TableFault, problem_of
from service.datasets.json_tables import Columns, canonical_ndjson, columns_of_lists, columns_of_rows
from service.datasets.limits import MEBIBYTE, Limits
from service.problems import InvalidInput, TooLarge, UnreadableBody, input_error

MOST_REST_BYTES = MEBIBYTE


@dataclass(frozen=True)
class InlineData:
    """Rows or columns as they stood in the request."""

    columns: Columns
    place: Place


def read_inline(data: Any, limits: Limits) -> InlineData | None:
    """The table of `{"rows": […]}` or `{"columns": {…}}`; None for anything else, which is no inline data.

    Raises the problem of rows that are no table.
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
    except (TableFault, ModelError) as error:
        raise problem_of(error, place) from error
    if not columns:
        raise InvalidInput("The rows are empty.", errors=[input_error(place.root, "too_short", "give columns")])
    return InlineData(columns, place)


@dataclass(frozen=True)
class Extracted:
    """What was in a large body: the rest of it as JSON, and the data as a file with its digest, or none."""

    rest: bytes
    by_column: bool
    id: str | None = None
    bytes: int = 0


def extract(body: Path, target: Path, limits: Limits) -> Extracted:
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
        return Extracted(rest, by_column=False)
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
    return Extracted(rest, inline.place.by_column, f"sha256:{digest.hexdigest()}", size)
