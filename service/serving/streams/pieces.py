"""A body as pieces of bytes, plain whatever it was compressed by, and pieces as a file again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain

from service.datasets.formats.decompression import FREE_BYTES, MOST_INFLATION
from service.decompression import GZIP_MAGIC, ZSTD_MAGIC, DamagedData, Decompression, of_file
from service.problems import TooLarge, UnreadableBody

PIECE_BYTES = 256 * 1024


class PieceFile(io.RawIOBase):
    """Pieces as a file that is read once; a read returns what one piece has left, without waiting for the next."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer, as RawIOBase says
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


def plain_pieces(body: io.RawIOBase) -> Iterator[bytes]:
    """The body as it arrives, decompressed if its first bytes are those of gzip or zstd.

    Raises UnreadableBody and TooLarge.
    """
    pieces = iter(lambda: body.read(PIECE_BYTES) or b"", b"")
    start = b""
    while any(magic.startswith(start) for magic in (GZIP_MAGIC, ZSTD_MAGIC)):
        piece = next(pieces, None)
        if piece is None:
            break
        start += piece
    decompression = of_file(start)
    if decompression is not None:
        yield from _inflated(chain([start], pieces), decompression)
        return
    if start:
        yield start
    yield from pieces


def _inflated(pieces: Iterator[bytes], decompression: Decompression) -> Iterator[bytes]:
    n_read = n_given = 0
    for piece in pieces:
        n_read += len(piece)
        for plain in _outputs(decompression, piece):
            n_given += len(plain)
            if n_given > FREE_BYTES and n_given > MOST_INFLATION * n_read:
                raise TooLarge(f"The body decompresses to more than {MOST_INFLATION} times its size. Send it plain.")
            yield plain
    if not decompression.is_complete:
        raise UnreadableBody("The compressed body is truncated: its end is missing.")


def _outputs(decompression: Decompression, piece: bytes) -> Iterator[bytes]:
    try:
        yield decompression.take(piece)
        while decompression.has_more:
            yield decompression.take()
    except DamagedData as damaged:
        raise UnreadableBody(f"The compressed body is damaged: {damaged}.") from None
