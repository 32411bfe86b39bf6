"""Bodies of requests: read as a whole, rejected with a reason, and described for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from starlette.types import Receive

from service.api.http.addresses import Body
from service.media_types import FORM, JSON
from service.problems import RequestTimeout, TooLarge

Description = dict[str, Any]
BINARY: Description = {"schema": {"type": "string", "format": "binary"}}


class ClientLeft(Exception):
    """The client closed the connection before its body was complete, so nobody waits for a response."""


async def read_whole(receive: Receive) -> bytes:
    """The whole body, which the middleware has counted, timed and decompressed. Raises ClientLeft."""
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def too_large(limit_bytes: int, setting: str = "") -> TooLarge:
    advice = f" {setting} raises the limit." if setting else ""
    return TooLarge(f"The body exceeds this address's limit of {limit_bytes:,} bytes.{advice}")


def too_slow(timeout_seconds: float) -> RequestTimeout:
    return RequestTimeout(
        f"The body did not arrive within {timeout_seconds:g} seconds. Send it in one go, "
        "or raise FEEDFORWARD_BODY_TIMEOUT_SECONDS."
    )


def describe_body(
    body: Body, json: Description = BINARY, form: Description = BINARY, *, is_required: bool = True
) -> Description:
    """The `openapi_extra` of an endpoint that reads its body itself: each of the address's media types."""
    special = {JSON: json, FORM: form}
    content = {media_type: special.get(media_type, BINARY) for media_type in body.media_types}
    return {"requestBody": {"required": is_required, "content": content}}


def schema_reference(model: type[BaseModel]) -> Description:
    return {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}


def component_schemas(model: type[BaseModel], prefix: str = "") -> dict[str, Description]:
    """The schemas of a body that no endpoint has as a parameter, and of its parts under names with the prefix."""
    schema = model.model_json_schema(ref_template=f"#/components/schemas/{prefix}{{model}}")
    parts = schema.pop("$defs", {})
    return {model.__name__: schema} | {f"{prefix}{name}": part for name, part in parts.items()}
