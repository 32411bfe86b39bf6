"""Numbers that are written for people: with a decimal comma, thousands apart, a currency or a percent sign."""

import re
from collections.abc import Iterable

_WRITTEN = re.compile(r"[+-]?[$€£]? ?\d{1,3}(?:[ ',.\u00a0\u202f]?\d{3})*(?:[.,]\d+)?(?:[ \u00a0]?[%$€£])?")


def are_written_numbers(texts: Iterable[str]) -> bool:
    """Whether all texts are numbers to people, and some of them not to a program."""
    known = [text.strip() for text in texts]
    return bool(known) and all(map(_WRITTEN.fullmatch, known)) and not all(map(_is_plain, known))


def _is_plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
