"""Bodies with a Content-Encoding, decompressed as they arrive and counted before and after."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Message, Receive, Scope

from service.decompression import DamagedData, Decompression, of_body
from service.problems import TooLarge, UnreadableBody, UnsupportedType, shorten


def decompressed(scope: Scope, receive: Receive, limit_bytes: int, too_large: Callable[[], TooLarge]) -> Receive:
    """A `receive` that returns the decompressed body, which the scope's headers describe afterwards.

    Raises UnsupportedType for an unknown encoding.
    """
    encoding = next((value.strip().lower() for name, value in scope["headers"] if name == b"content-encoding"), b"")
    if encoding in {b"", b"identity"}:
        return receive
    decompression = of_body(encoding)
    if decompression is None:
        coding = shorten(encoding.decode("latin-1"))
        raise UnsupportedType(
            f"Content-Encoding {coding!r} is not supported. Use `gzip`, `deflate` or `zstd`, or no compression."
        )
    of_compressed_body = {b"content-encoding", b"content-length"}
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in of_compressed_body]
    return DecompressedBody(receive, decompression, limit_bytes, too_large).receive


class DecompressedBody:
    """A body that is decompressed as it is received, up to a limit."""

    def __init__(
        self, receive: Receive, decompression: Decompression, limit_bytes: int, too_large: Callable[[], TooLarge]
    ) -> None:
        self._receive = receive
        self._decompression = decompression
        self._remaining_bytes = limit_bytes
        self._too_large = too_large
        self._more_comes = True

    async def receive(self) -> Message:
        """The next piece of the decompressed body."""
        data = b""
        while not data and self._more_comes and not self._decompression.has_more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return message
            data, self._more_comes = message.get("body", b""), message.get("more_body", False)
        return self._message(self._decompress(data))

    def _decompress(self, data: bytes) -> bytes:
        try:
            piece = self._decompression.take(data)
        except DamagedData as error:
            raise UnreadableBody(f"The body does not match its Content-Encoding: {error}.") from None
        self._remaining_bytes -= len(piece)
        if self._remaining_bytes < 0:
            raise self._too_large()
        return piece

    def _message(self, piece: bytes) -> Message:
        more = self._more_comes or self._decompression.has_more
        if not more and not self._decompression.is_complete:
            raise UnreadableBody("The compressed body is incomplete.")
        return {"type": "http.request", "body": piece, "more_body": more}
