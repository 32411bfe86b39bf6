"""Texts that are dates, to moments in UTC."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BadColumn, shorten

Array = NDArray[Any]


def parse_dates(name: str, values: Sequence[Any] | Array, date_format: str | None = None) -> Array:
    """datetime64[us] of shape (n_rows,), NaT for None. ISO 8601, or the `strptime` format that is given."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return values.astype("datetime64[us]")
    moments = [_moment_or_none(value, date_format) for value in values]
    bad = [row for row, moment in enumerate(moments) if moment is None and values[row] is not None]
    if bad:
        expected = f"the format {date_format!r}" if date_format else "ISO 8601, or give its format"
        raise BadColumn(
            name, bad, f"{name!r} is a date column, but row {bad[0]} is {shorten(values[bad[0]])}; use {expected}."
        )
    return np.array(moments, dtype="datetime64[us]")


def looks_like_date(text: str) -> bool:
    """Whether a text is a whole ISO 8601 date or time, as in 2024-02-29 or 2024-02-29T12:00:00Z."""
    return len(text) >= 10 and text[4] == "-" and _moment_or_none(text, None) is not None


def _moment_or_none(value: Any, date_format: str | None) -> datetime | None:
    """The moment in UTC, without a zone; a text without one is taken as UTC."""
    if isinstance(value, datetime):
        return _in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if not isinstance(value, str):
        return None
    try:
        return _in_utc(datetime.strptime(value, date_format) if date_format else datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
