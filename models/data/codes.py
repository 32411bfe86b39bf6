"""Codes: whole numbers beyond 2^53, which are read as text so that rounding never makes two of them equal."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

# Up to here every whole number is a float64.
LARGEST_WHOLE = 2**53
_WHOLE = re.compile(r"[+-]?\d+")


def hold_codes(values: Iterable[Any]) -> bool:
    """Whether the numbers are all whole and some are beyond 2^53; None is a missing number."""
    has_code = False
    for value in values:
        if type(value) is int:
            has_code = has_code or not -LARGEST_WHOLE <= value <= LARGEST_WHOLE
        elif type(value) is float and value == value and not value.is_integer():
            return False
    return has_code


def texts_hold_codes(texts: Sequence[str | None]) -> bool:
    """Whether all numbers among the texts are whole and some are beyond 2^53."""
    whole = [text.strip() for text in texts if text is not None]
    return any(map(is_code, whole)) and all(_WHOLE.fullmatch(text) or not _is_number(text) for text in whole)


def are_all_codes(texts: Sequence[str | None]) -> bool:
    """Whether all texts are whole numbers and some are beyond 2^53."""
    known = [text.strip() for text in set(texts) if text is not None]
    return any(map(is_code, known)) and all(map(_WHOLE.fullmatch, known))


def is_code(text: str) -> bool:
    """Whether a text is a whole number beyond 2^53, however long."""
    if not _WHOLE.fullmatch(text):
        return False
    digits = text.lstrip("+-").lstrip("0")
    return len(digits) > 16 or (len(digits) == 16 and digits > str(LARGEST_WHOLE))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
