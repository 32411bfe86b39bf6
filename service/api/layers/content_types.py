"""JSON addresses take JSON and say so: text and forms can be sent by any web page without asking."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.types import Scope

from service.problems import UnsupportedType, shorten

JSON = "application/json"
# These read other types too, and refuse the rest themselves.
_OWN_TYPES = re.compile(r"/v2(/.*)?|/(.+/)?predict|/datasets|/models/[^/]+/versions")
_ALSO_FORMS = re.compile(r"/train|/models/[^/]+/(compare|versions/[^/]+/(retrain|evaluate|batch))")
_BODY_METHODS = {"POST", "PUT", "PATCH", "DELETE"}


def check_content_type(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    """Raises UnsupportedType for a body not declared as JSON in UTF-8, at an address that takes nothing else."""
    path: str = scope["path"]
    if path == "/predict" or scope["method"] not in _BODY_METHODS or _OWN_TYPES.fullmatch(path):
        return
    if b"transfer-encoding" not in headers and headers.get(b"content-length", b"0") == b"0":
        return
    given = headers.get(b"content-type", b"").decode("latin-1")
    kind, _, parameters = given.lower().partition(";")
    if kind.strip() == "multipart/form-data" and _ALSO_FORMS.fullmatch(path):
        return
    if kind.strip() != JSON or not _is_utf8(parameters):
        told = f"not {shorten(given)!r}" if given else "which is missing"
        raise UnsupportedType(f"Send the header `Content-Type: {JSON}`, {told}.", headers={"Accept": JSON})


def _is_utf8(parameters: str) -> bool:
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters)
    return charset is None or charset.group(1) in {"utf-8", "utf8"}
