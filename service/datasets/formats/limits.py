"""How large a table may be. An error names the limit that was exceeded, and the setting that raises it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from service.datasets.formats.errors import TableError
from service.problems import TooLarge, shorten
from service.schemas.names import LONGEST_COLUMN_NAME
from service.settings import MEBIBYTE, Settings

# How much of a file's start decides its format and its separator.
SNIFFED_BYTES = 64 * 1024
MOST_CELL_BYTES = MEBIBYTE
MOST_ROW_BYTES = 8 * MEBIBYTE


@dataclass(frozen=True)
class Limits:
    """The limits of a table."""

    columns: int
    inflated_bytes: int
    json_bytes: int
    table_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(
            columns=settings.max_columns,
            inflated_bytes=settings.max_upload_bytes,
            json_bytes=settings.max_train_bytes,
            table_bytes=settings.max_trainer_memory_bytes,
        )

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def check_names(names: Sequence[str], limits: Limits) -> None:
    """Raises TableError for column names that are too many, empty, too long or not distinct."""
    check_column_count(len(names), limits)
    earlier_names: set[str] = set()
    for position, name in enumerate(names):
        if not name.strip():
            raise TableError("empty-name", f"Column {position + 1} has no name. Name it, or leave the column out.")
        if len(name) > LONGEST_COLUMN_NAME:
            raise TableError(
                "long-name", f"The name of column {position + 1} has over {LONGEST_COLUMN_NAME} characters."
            )
        if name in earlier_names:
            raise TableError("duplicate-name", f"Two columns are named `{shorten(name)}`. Give each its own name.")
        earlier_names.add(name)


def check_column_count(count: int, limits: Limits) -> None:
    if count > limits.columns:
        raise TableError(
            "too-many-columns",
            f"The table has {count:,} columns; the limit is {limits.columns:,} (FEEDFORWARD_MAX_COLUMNS).",
        )


def no_rows() -> TableError:
    return TableError("no-rows", "The table has no rows.")


def cell_too_large() -> TableError:
    message = f"A cell is larger than the limit of {MOST_CELL_BYTES:,} bytes, or a quote is never closed."
    return TableError("cell-too-large", message, problem=TooLarge)


def row_too_large(what: str) -> TableError:
    message = f"{what} is longer than the limit of {MOST_ROW_BYTES:,} bytes, or a quote is never closed."
    return TableError("row-too-large", message, problem=TooLarge)


def table_too_large(size: int, limits: Limits) -> TableError:
    return TableError(
        "table-too-large",
        f"The table takes {size:,} bytes of memory; the limit is {limits.table_bytes:,} "
        "(FEEDFORWARD_MAX_TRAINER_MEMORY_BYTES).",
        problem=TooLarge,
    )


def json_too_large(size: int, limits: Limits) -> TableError:
    return TableError(
        "json-too-large",
        f"A JSON file is read whole, and this one has {size:,} bytes; the limit is {limits.json_bytes:,} "
        "(FEEDFORWARD_MAX_TRAIN_BYTES). Send it as NDJSON, CSV or Parquet, which are streamed.",
        problem=TooLarge,
    )
