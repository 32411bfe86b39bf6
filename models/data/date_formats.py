"""Whether dates in a strptime format could also be read as ISO 8601, decided from the format alone."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

LONGEST = 200
# How many digits a directive of strptime reads: at least and at most.
_DIGITS = dict.fromkeys("dmHIMSUWV", (1, 2)) | {"y": (2, 2), "Y": (4, 4), "G": (4, 4), "j": (1, 3), "f": (1, 6)}
_DIGITS |= {"w": (1, 1), "u": (1, 1)}
# The directives that read words, which ISO 8601 does not have.
_WORDS = frozenset("aAbBp")
# Formats whose texts mean the same day in ISO 8601: no digit after the day can be read as a part of it.
_LIKE_ISO = re.compile(r"%Y-%m|(%Y-?%m-?%d|%G-?W%V-?%u)([^%\d]%H(:?%M(:?%S([.,]%f)?)?)?(%z)?)?")
_PIECE = re.compile(r"%(.)|(.)", re.DOTALL)


class _Start(NamedTuple):
    """How many digits begin a text of a format, and the character after them; None where the text ends."""

    fewest: int
    most: int
    following: str | None


def is_date_format(date_format: str) -> bool:
    """Whether dates can be written in this format and read again."""
    try:
        written = datetime(2024, 2, 29, tzinfo=UTC).strftime(date_format)
        return len(date_format) <= LONGEST and bool(written) and bool(datetime.strptime(written, date_format))
    except (ValueError, re.error):  # strptime makes no valid pattern of a format that repeats a directive
        return False


@lru_cache(maxsize=1024)
def takes_iso_as_well(date_format: str) -> bool:
    """Whether every text of the format that is also a date in ISO 8601 means the same day there.

    ISO dates have no words, and begin with four digits and `-` or `W`, or with at least eight digits: a format whose
    texts never begin like that shares none with ISO 8601. Of the others, only those that resemble ISO 8601 are safe.
    """
    if not is_date_format(date_format):
        return False
    pieces: list[tuple[str, str]] = _PIECE.findall(date_format.strip())
    if any(directive in _WORDS for directive, _ in pieces):
        return True
    start = _start(pieces)
    if start is None:
        return False
    may_be_dashed = start.fewest <= 4 <= start.most and start.following in ("-", "W")
    return not (may_be_dashed or start.most >= 8) or bool(_LIKE_ISO.fullmatch(date_format.strip()))


def _start(pieces: list[tuple[str, str]]) -> _Start | None:
    """How texts of the format begin; None where the length of a directive is not known, as of `%c` or `%Z`."""
    fewest = most = 0
    for directive, literal in pieces:
        if literal.isdigit():
            fewest, most = fewest + 1, most + 1
        elif literal or directive == "%":
            return _Start(fewest, most, literal.upper() or "%")
        elif directive in _DIGITS:
            low, high = _DIGITS[directive]
            fewest, most = fewest + low, most + high
        else:
            return None
    return _Start(fewest, most, None)
