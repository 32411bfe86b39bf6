"""Bodies with a Content-Encoding, inflated as they arrive and counted on both sides."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from starlette.types import Message, Receive, Scope

from service.problems import TooLarge, UnreadableBody, UnsupportedType, shorten

PIECE_BYTES = 256 * 1024
# 32 has zlib tell gzip and zlib streams apart by their first bytes.
_EITHER = 32 + zlib.MAX_WBITS
ENCODINGS = {b"gzip", b"x-gzip", b"deflate"}


def inflated(scope: Scope, receive: Receive, limit_bytes: int, too_large: Callable[[], TooLarge]) -> Receive:
    """`receive` with the body inflated where it is compressed; the headers then speak of the inflated body.

    Raises UnsupportedType for an encoding that is not known.
    """
    encoding = next((value.strip().lower() for name, value in scope["headers"] if name == b"content-encoding"), b"")
    if encoding in {b"", b"identity"}:
        return receive
    if encoding not in ENCODINGS:
        named = shorten(encoding.decode("latin-1"))
        raise UnsupportedType(f"Send the body with `Content-Encoding: gzip` or without, not {named!r}.")
    described = {b"content-encoding", b"content-length"}
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in described]
    return Inflating(receive, limit_bytes, too_large).receive


class Inflating:
    def __init__(self, receive: Receive, limit_bytes: int, too_large: Callable[[], TooLarge]) -> None:
        self._receive = receive
        self._left = limit_bytes
        self._too_large = too_large
        self._stream = zlib.decompressobj(_EITHER)
        self._waiting = b""
        self._more_comes = True

    async def receive(self) -> Message:
        """The next piece of the inflated body, never much larger than PIECE_BYTES whatever it was inflated from."""
        while not self._waiting and self._more_comes:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return message
            self._waiting, self._more_comes = message.get("body", b""), message.get("more_body", False)
        return self._message(self._inflate())

    def _inflate(self) -> bytes:
        if self._stream.eof and self._waiting:
            raise UnreadableBody("There is something after the end of the compressed body.")
        try:
            piece = self._stream.decompress(self._waiting, PIECE_BYTES)
        except zlib.error:
            raise UnreadableBody("The body is not what its Content-Encoding says.") from None
        self._waiting = self._stream.unconsumed_tail or self._stream.unused_data
        self._left -= len(piece)
        if self._left < 0:
            raise self._too_large()
        return piece

    def _message(self, piece: bytes) -> Message:
        more = self._more_comes or bool(self._waiting) or (len(piece) == PIECE_BYTES and not self._stream.eof)
        if not more and not self._stream.eof:
            raise UnreadableBody("The compressed body is cut.")
        return {"type": "http.request", "body": piece, "more_body": more}
