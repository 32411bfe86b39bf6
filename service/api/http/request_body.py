"""The one reader of bodies: counted and timed; JSON in them is strict."""

from __future__ import annotations

import asyncio

from starlette.types import Receive

from service.problems import RequestTimeout, TooLarge
from service.strict_json import parse_json

__all__ = ["ClientLeft", "parse_json", "read_body", "too_large", "too_slow"]


class ClientLeft(Exception):
    """The client closed the connection before its body was complete; nobody waits for an answer."""


async def read_body(receive: Receive, limit_bytes: int, timeout_seconds: float, setting: str = "") -> bytes:
    """All bytes of the body. Raises TooLarge, RequestTimeout and ClientLeft; `setting` is what raises the limit."""
    pieces, size = [], 0
    try:
        async with asyncio.timeout(timeout_seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientLeft
                pieces.append(piece := message.get("body", b""))
                size += len(piece)
                if size > limit_bytes:
                    raise too_large(limit_bytes, setting)
                if not message.get("more_body", False):
                    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
    except TimeoutError:
        raise too_slow(timeout_seconds) from None


def too_large(limit_bytes: int, setting: str = "") -> TooLarge:
    raises = f" {setting} raises the limit." if setting else ""
    return TooLarge(f"The body is over the {limit_bytes:,} bytes that this address takes.{raises}")


def too_slow(timeout_seconds: float) -> RequestTimeout:
    return RequestTimeout(
        f"The body did not arrive within {timeout_seconds:g} seconds. Send it in one go, "
        "or raise FEEDFORWARD_BODY_TIMEOUT_SECONDS."
    )
