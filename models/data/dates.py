"""Dates as text to moments in UTC, and back."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from models.arrays import Array
from models.data.date_formats import takes_iso_as_well
from models.errors import BadColumn

EXAMPLE_DAY = date(2024, 2, 29)


def parse_dates(name: str, values: Sequence[Any] | Array, date_format: str | None = None) -> Array:
    """The moments as datetime64[us] of shape (n_rows,), NaT for None.

    Texts are read in the `strptime` format where there is one, and in ISO 8601 where no text could mean two days.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return values.astype("datetime64[us]")
    takes_iso = date_format is None or takes_iso_as_well(date_format)
    moments = [_moment_or_none(value, date_format, takes_iso) for value in values]
    bad = [row for row, moment in enumerate(moments) if moment is None and values[row] is not None]
    if bad:
        raise bad_dates(name, bad, values.__getitem__, date_format)
    return np.array(moments, dtype="datetime64[us]")


def bad_dates(name: str, rows: Sequence[int], value_at: Callable[[int], object], date_format: str | None) -> BadColumn:
    """The error of rows whose values are no dates of the format."""
    expected = _expected(date_format, date_format is None or takes_iso_as_well(date_format))
    return BadColumn.of_values(name, rows, value_at, "is a date column but has", f"use {expected}.")


def looks_like_date(text: str) -> bool:
    """Whether a text is a whole ISO 8601 date or time, as in 2024-02-29 or 2024-02-29T12:00:00Z."""
    return len(text) >= 10 and text[4] == "-" and _iso_moment_or_none(text) is not None


def written_date(moment: date, date_format: str | None) -> str:
    """The text of a moment in the format, or in ISO 8601; a moment with a time zone is converted to UTC."""
    in_utc = _in_utc(moment) if isinstance(moment, datetime) else moment
    return in_utc.strftime(date_format) if date_format else in_utc.isoformat()


def _expected(date_format: str | None, takes_iso: bool) -> str:
    if date_format is None:
        return "ISO 8601, or give its format"
    return f"the format {date_format!r} or ISO 8601" if takes_iso else f"the format {date_format!r}"


def _moment_or_none(value: Any, date_format: str | None, takes_iso: bool) -> datetime | None:
    """The moment in UTC, as a datetime without a zone; a text without a zone is in UTC."""
    if isinstance(value, datetime):
        return _in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if not isinstance(value, str):
        return None
    moment = None if date_format is None else _formatted_moment_or_none(value, date_format)
    return _iso_moment_or_none(value) if moment is None and takes_iso else moment


def _formatted_moment_or_none(text: str, date_format: str) -> datetime | None:
    try:
        return _in_utc(datetime.strptime(text.strip(), date_format.strip()))
    except (
        ValueError,
        OverflowError,
        re.error,
    ):  # strptime makes no valid pattern of a format that repeats a directive
        return None


def _iso_moment_or_none(text: str) -> datetime | None:
    try:
        return _in_utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
