"""Heads of requests that may take the short way, known by their very bytes once the layers' checks have passed them.

A client sends the same head again and again. The server's parser has read it once, and equal bytes mean an equal
request; so what was found out then is looked up by the bytes from then on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import Scope

from service.api.middleware.request_checks import Check
from service.api.prediction.predict import ANY_OR_JSON, JSON, LARGEST_IN_TURN
from service.problems import Problem
from service.schemas.prediction import NAME

LONGEST_HEAD, MOST_HEADS = 2048, 1000
# The only headers that the short way knows the meaning of, or knows to mean nothing for it.
KNOWN_NAMES = {
    b"host", b"content-type", b"content-length", b"user-agent", b"accept", b"accept-encoding", b"accept-language",
    b"connection",
}  # fmt: skip
V2_NAME = b"inference-header-content-length"
PREDICT = re.compile(r"(?:/models/([^/]+)(?:/versions/([^/]+))?)?/predict")
INFER = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer")
ROUTES = ("/predict", "/models/{name}/predict", "/models/{name}/versions/{ref}/predict")


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
    """Bounded: full, it begins anew."""

    def __init__(self, checks: Sequence[Check], largest_body: int) -> None:
        self.known: dict[bytes, KnownHead] = {}
        self._checks = checks
        self._largest = min(largest_body, LARGEST_IN_TURN)

    def learn(self, head: bytes, scope: Scope) -> bool:
        """Whether the request with these bytes as its head, which the scope tells, may go the short way from now on."""
        found = self._judge(len(head), scope) if _has_plain_lines(head, len(scope["headers"])) else None
        if found is None:
            return False
        if len(self.known) >= MOST_HEADS:
            self.known.clear()
        self.known[head] = found
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
        total, path = length + int(size), scope["path"]
        return _prediction(path, length, total, headers) or _inference(path, length, total, headers)

    def _is_checked(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        try:
            for check in self._checks:
                check(scope, headers)
        except Problem:
            return False
        return True


def _prediction(path: str, length: int, total: int, headers: dict[bytes, bytes]) -> KnownHead | None:
    found = PREDICT.fullmatch(path)
    if found is None or not headers.keys() <= KNOWN_NAMES or headers.get(b"content-type") != JSON:
        return None
    if headers.get(b"accept", JSON) not in ANY_OR_JSON or not _are_names(found[1], found[2]):
        return None
    route = ROUTES[(found[1] is not None) + (found[2] is not None)]
    return KnownHead(length, total, path, route, found[1], found[2])


def _inference(path: str, length: int, total: int, headers: dict[bytes, bytes]) -> KnownHead | None:
    """None also for who takes a compressed answer."""
    found = INFER.fullmatch(path)
    if found is None or not headers.keys() <= KNOWN_NAMES | {V2_NAME} or not _are_names(found[1], found[2]):
        return None
    taken = headers.get(b"accept-encoding", b"").lower()
    if b"gzip" in taken or b"deflate" in taken:
        return None
    return KnownHead(length, total, path, "/v2", found[1], found[2], True, headers.get(V2_NAME))


def _has_plain_lines(head: bytes, n_headers: int) -> bool:
    """Whether the head is a line of POST, one for each header and an empty one: no bytes of anything else."""
    lines = n_headers + 2
    return head.startswith(b"POST ") and head.count(b"\r\n") == lines and head.count(b"\n") == lines


def _are_names(*names: str | None) -> bool:
    return all(name is None or NAME.match(name) is not None for name in names)
