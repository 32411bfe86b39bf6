"""ETags and If-Match: a change is made only to the state that its caller has seen (RFC 9110, section 13)."""

from __future__ import annotations

import re

# The revision that no resource has: it fits nothing, so the change is refused where all else is in order.
NEVER = -1
NOT_THERE = 0
_TAG = re.compile(r'"(\d{1,18})"')


def etag(revision: int) -> str:
    return f'"{revision}"'


def read_precondition(if_match: str | None, if_none_match: str | None = None) -> int | None:
    """The revision that the headers ask for; NOT_THERE for `If-None-Match: *`, None where anything will do.

    Of several tags none is taken: which one was seen can't be told.
    """
    if if_none_match is not None and if_none_match.strip() == "*":
        return NOT_THERE
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    return NEVER if tag is None else int(tag.group(1))
