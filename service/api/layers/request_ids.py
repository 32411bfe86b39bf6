"""The id that a request keeps in answers, logs and traces."""

from __future__ import annotations

import re
from collections.abc import Mapping

import uuid_utils

_SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


def request_id_of(headers: Mapping[bytes, bytes]) -> str:
    """The caller's X-Request-ID where it is short and plain, else a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and _SANE.fullmatch(given):
        return given.decode()
    return new_request_id()


def new_request_id() -> str:
    return str(uuid_utils.uuid7())


def trace_id_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The trace that the caller's `traceparent` names, where it names one."""
    found = _TRACEPARENT.fullmatch(headers.get(b"traceparent", b""))
    return None if found is None else found.group(1).decode()
