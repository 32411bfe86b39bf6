"""ETags and If-Match: a change applies only to the state that its caller has read (RFC 9110, section 13)."""

from __future__ import annotations

import re

# No resource has this revision, so the change is rejected once everything else is valid.
NEVER = -1
NOT_THERE = 0
_TAG = re.compile(r'"(\d{1,18})"')


def etag(revision: int) -> str:
    return f'"{revision}"'


def read_precondition(if_match: str | None, if_none_match: str | None = None) -> int | None:
    """The revision that the headers require; NOT_THERE for `If-None-Match: *`, None without a requirement.

    A list of tags matches nothing, since it does not identify one state.
    """
    if if_none_match is not None and if_none_match.strip() == "*":
        return NOT_THERE
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    return NEVER if tag is None else int(tag.group(1))
