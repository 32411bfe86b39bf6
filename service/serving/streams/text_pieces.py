"""Text in any encoding that CSV files come in, to UTF-8, piece by piece."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain

from service.problems import UnreadableBody

FIRST_BYTES = 64 * 1024
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def first_block(pieces: Iterator[bytes], size: int = FIRST_BYTES) -> tuple[bytes, Iterator[bytes]]:
    """At least `size` bytes, fewer only where there are no more, and the pieces after these."""
    block = bytearray()
    for piece in pieces:
        block += piece
        if len(block) >= size:
            break
    return bytes(block), pieces


def decoded(pieces: Iterator[bytes]) -> Iterator[str]:
    """The text, without a byte order mark. Its first block decides about the encoding, as far as it can.

    Raises UnreadableBody.
    """
    start, rest = first_block(pieces)
    decoder = _Utf16Decoder() if start.startswith(UTF_16_MARKS) else _ByteDecoder()
    is_first = True
    for piece in chain([start], rest):
        text = decoder.decode(piece)
        yield text.removeprefix("\ufeff") if is_first else text
        is_first = False
    yield decoder.decode(b"", final=True)


class _Utf16Decoder:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-16")()

    def decode(self, data: bytes, final: bool = False) -> str:
        try:
            return self._decoder.decode(data, final)
        except UnicodeDecodeError:
            raise UnreadableBody("The body begins as UTF-16 but is not. Save it as UTF-8.") from None


class _ByteDecoder:
    """UTF-8, from the first byte on that is none Windows-1252, and Latin-1 where it is not that either.

    An encoding is never given up for the next one after letters that the two read differently.
    """

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")()
        self._others = ["cp1252", "latin-1"]
        self._is_certain = False

    def decode(self, data: bytes, final: bool = False) -> str:
        pending, _ = self._decoder.getstate()
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            if self._is_certain or not self._others:
                raise _mixed(error) from None
            self._decoder = codecs.getincrementaldecoder(self._others.pop(0))()
            return self.decode(pending + data, final)
        self._is_certain = self._is_certain or not text.isascii()
        return text


def _mixed(error: UnicodeDecodeError) -> UnreadableBody:
    return UnreadableBody(f"The body is {error.encoding.upper()} at first and not later. Save it as UTF-8.")
