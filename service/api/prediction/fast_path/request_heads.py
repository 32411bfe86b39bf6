"""Heads of requests that may take the fast path, recognised by their bytes once the middleware's checks have passed.

A client sends the same head again and again. The server's parser has read it once, and equal bytes mean an equal
request, so the result is looked up by the bytes from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import Scope

from service.api.http.addresses import INFER, PREDICT, PREDICT_BY_PATH, V2_PREFIX, find_address
from service.api.middleware.request_checks import Check
from service.api.prediction.predict import ANY_OR_JSON, JSON, LARGEST_INLINE_BYTES
from service.problems import Problem
from service.schemas.prediction import NAME

LONGEST_HEAD, MOST_HEADS = 2048, 1000
# The only headers that the fast path understands or may ignore.
KNOWN_NAMES = {
    b"host", b"content-type", b"content-length", b"user-agent", b"accept", b"accept-encoding", b"accept-language",
    b"connection",
}  # fmt: skip
V2_NAME = b"inference-header-content-length"


@dataclass(frozen=True, slots=True)
class KnownHead:
    """`length` is the head's own, `total` with its body. `model` and `reference` are those in the path."""

    length: int
    total: int
    path: str
    route: str
    model: str | None
    reference: str | None
    is_inference: bool = False
    inference_head: bytes | None = None


class KnownHeads:
    """A bounded cache: when it is full, it is emptied."""

    def __init__(self, checks: Sequence[Check], largest_body: int) -> None:
        self.known: dict[bytes, KnownHead] = {}
        self._checks = checks
        self._largest = min(largest_body, LARGEST_INLINE_BYTES)

    def learn(self, head: bytes, scope: Scope) -> bool:
        """Whether requests with these bytes as their head, parsed into the scope, may take the fast path."""
        known = self._judge(len(head), scope) if _has_plain_lines(head, len(scope["headers"])) else None
        if known is None:
            return False
        if len(self.known) >= MOST_HEADS:
            self.known.clear()
        self.known[head] = known
        return True

    def _judge(self, length: int, scope: Scope) -> KnownHead | None:
        headers = dict(scope["headers"])
        if length > LONGEST_HEAD or len(headers) != len(scope["headers"]) or scope["query_string"]:
            return None
        size = headers.get(b"content-length", b"")
        if scope["method"] != "POST" or scope["http_version"] != "1.1" or not size.isdigit() or len(size) > 9:
            return None
        if headers.get(b"connection", b"keep-alive").lower() != b"keep-alive" or int(size) > self._largest:
            return None
        if not self._is_checked(scope, headers):
            return None
        match, total = find_address(scope["path"]), length + int(size)
        if match is None or not _are_names(match.values):
            return None
        model, reference = (*match.values, None, None)[:2]
        if match.address in (PREDICT, *PREDICT_BY_PATH) and _is_plain_prediction(headers):
            return KnownHead(length, total, scope["path"], match.address.template, model, reference)
        if match.address in INFER and _is_plain_inference(headers):
            return KnownHead(length, total, scope["path"], V2_PREFIX, model, reference, True, headers.get(V2_NAME))
        return None

    def _is_checked(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        try:
            for check in self._checks:
                check(scope, headers)
        except Problem:
            return False
        return True


def _is_plain_prediction(headers: dict[bytes, bytes]) -> bool:
    """JSON both ways, and no header that would change the response."""
    is_json = headers.get(b"content-type") == JSON and headers.get(b"accept", JSON) in ANY_OR_JSON
    return is_json and headers.keys() <= KNOWN_NAMES


def _is_plain_inference(headers: dict[bytes, bytes]) -> bool:
    """No compressed response, and no header that would change the response."""
    encodings = headers.get(b"accept-encoding", b"").lower()
    is_plain = b"gzip" not in encodings and b"deflate" not in encodings
    return is_plain and headers.keys() <= KNOWN_NAMES | {V2_NAME}


def _has_plain_lines(head: bytes, n_headers: int) -> bool:
    """Whether the head is a line of POST, one for each header and an empty one: no bytes of anything else."""
    lines = n_headers + 2
    return head.startswith(b"POST ") and head.count(b"\r\n") == lines and head.count(b"\n") == lines


def _are_names(values: tuple[str, ...]) -> bool:
    return all(NAME.match(value) is not None for value in values)
