"""Whole numbers too long for float64: codes, which are texts, so that neighbours never become one value."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

# Up to it every whole number is a float64 of its own.
LARGEST_WHOLE = 2**53
_WHOLE = re.compile(r"[+-]?\d+")


def hold_codes(values: Iterable[Any]) -> bool:
    """Whether numbers (None is missing) are all whole, and some of them beyond 2^53."""
    has_code = False
    for value in values:
        if type(value) is int:
            has_code = has_code or not -LARGEST_WHOLE <= value <= LARGEST_WHOLE
        elif type(value) is float and value == value and not value.is_integer():
            return False
    return has_code


def texts_hold_codes(texts: Sequence[str | None]) -> bool:
    """Whether every text that is a number is a whole one, and some of them are beyond 2^53."""
    whole = [text.strip() for text in texts if text is not None]
    return any(map(is_code, whole)) and all(_WHOLE.fullmatch(text) or not _is_number(text) for text in whole)


def are_all_codes(texts: Sequence[str | None]) -> bool:
    """Whether texts are whole numbers, all of them, and some beyond 2^53."""
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
