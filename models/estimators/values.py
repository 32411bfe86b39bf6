"""Values of one column as callers hold them, pandas' extension types among them, as those that a table reads."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from models.arrays import Array
from models.data.columns import RawValues

READABLE = (bool, int, float, str)


def column_values(name: str, values: Any) -> RawValues:
    """Arrays as they are; of objects, missing ones as None, dates as datetime64 in UTC, exact numbers as floats.

    Raises ValueError for values of other types, and where a column mixes texts with numbers.
    """
    objects: Any = values if isinstance(values, list | tuple) else np.asarray(values)
    if isinstance(objects, np.ndarray) and objects.dtype.kind in "biufUM":
        return objects
    plain = [None if is_missing(value) else _plain(value) for value in objects]
    kinds = {type(value) for value in plain if value is not None}
    if kinds and all(issubclass(kind, date) for kind in kinds):
        return _moments(plain)
    _require_readable(name, kinds)
    return plain


def _require_readable(name: str, kinds: set[type]) -> None:
    others = sorted(kind.__name__ for kind in kinds if not issubclass(kind, READABLE))
    if others:
        raise ValueError(
            f"Column {name!r} of X holds values of type {others[0]}; convert it to numbers, texts, booleans or dates."
        )
    if str in kinds and len(kinds) > 1:
        raise ValueError(f"Column {name!r} of X mixes texts with other values; convert it, for example to texts alone.")


def is_missing(value: Any) -> bool:
    """Whether it is None, NaN, NaT, or pandas' NA, of which every comparison is NA again."""
    if value is None:
        return True
    differs = value != value
    return bool(differs) if isinstance(differs, bool | np.bool_) else differs is value


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return float(value) if isinstance(value, Decimal | Fraction) else value


def _moments(values: Sequence[date | None]) -> Array:
    return np.array([_without_zone(value) for value in values], dtype="datetime64[us]")


def _without_zone(value: date | None) -> date | None:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value
