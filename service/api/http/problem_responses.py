"""Problems as HTTP responses: RFC 9457 documents, or the protocol's own errors under /v2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import Scope, Send

from service.api.http.addresses import is_v2
from service.media_types import JSON, PROBLEM
from service.problems import Problem

LARGEST_DOCUMENT = 8 * 1024
Headers = list[tuple[bytes, bytes]]


def response_of(problem: Problem, scope: Scope) -> tuple[int, Headers, bytes]:
    """Status, headers and body of the response to a request that failed."""
    if is_v2(scope["path"]):
        media_type, body = JSON, orjson.dumps({"error": problem.detail})
    else:
        media_type, body = PROBLEM, write_document(problem, instance_of(scope))
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    return problem.status, headers + _encode(problem.headers), body


def instance_of(scope: Scope) -> str | None:
    request_id = scope.get("state", {}).get("request_id")
    return None if request_id is None else f"/requests/{request_id}"


def write_document(problem: Problem, instance: str | None) -> bytes:
    """The document, with as many of its errors as fit into 8 KiB."""
    document: dict[str, Any] = problem.document(instance)
    body = orjson.dumps(document)
    while len(body) > LARGEST_DOCUMENT and document.get("errors"):
        document["errors"] = document["errors"][: len(document["errors"]) // 2]
        body = orjson.dumps(document)
    return body


def _encode(headers: Mapping[str, str]) -> Headers:
    return [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]


async def send_problem(problem: Problem, scope: Scope, send: Send, *, more_body: bool = False) -> None:
    status, headers, body = response_of(problem, scope)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": more_body})
