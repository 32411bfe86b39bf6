"""ETags and If-Match: a change is made only to the state that its caller has seen (RFC 9110, section 13)."""

from __future__ import annotations

import re

from service.problems import InvalidInput, PreconditionFailed, input_error

_TAG = re.compile(r'^"(\d{1,18})"$')


def etag(revision: int) -> str:
    return f'"{revision}"'


def read_precondition(if_match: str | None, if_none_match: str | None = None) -> int | None:
    """The revision that the headers ask for; 0 for `If-None-Match: *`, None where anything will do.

    Raises PreconditionFailed for a tag that no resource here ever had.
    """
    if if_none_match is not None and if_none_match.strip() == "*":
        return 0
    if if_match is None or if_match.strip() == "*":
        return None
    if "," in if_match:
        message = "send one ETag, the one that was read"
        raise InvalidInput(errors=[input_error(["header", "If-Match"], "if-match", message)])
    tag = _TAG.match(if_match.strip())
    if tag is None:
        raise PreconditionFailed("If-Match is not an ETag of this server. Send the ETag header as it was answered.")
    return int(tag.group(1))
