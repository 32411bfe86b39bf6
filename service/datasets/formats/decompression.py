"""Files compressed by gzip or zstd, decompressed into a temporary file that cannot exceed the limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.datasets.formats.errors import TableError, unreadable
from service.datasets.formats.limits import Limits
from service.datasets.storage.uploads import disk_as_problem, temporary_file
from service.decompression import DamagedData, Decompression, of_file
from service.problems import TooLarge
from service.settings import MEBIBYTE

MOST_INFLATION = 200
FREE_BYTES = 16 * MEBIBYTE
READ_BYTES = 64 * 1024


@contextmanager
def open_decompressed(path: Path, limits: Limits) -> Iterator[Path]:
    """The file itself, or a temporary file with its decompressed content."""
    with path.open("rb") as file:
        decompression = of_file(file.read(4))
    if decompression is None:
        yield path
        return
    with temporary_file(path.parent) as plain:
        with disk_as_problem():
            for piece in decompress(path, decompression, limits):
                plain.write(piece)
            plain.flush()
        yield Path(plain.name)


def decompress(path: Path, decompression: Decompression, limits: Limits) -> Iterator[bytes]:
    """The decompressed pieces of a file. Raises TableError as soon as they exceed a limit."""
    n_compressed = n_bytes = 0
    for compressed, piece in _pieces(path, decompression):
        n_compressed, n_bytes = n_compressed + compressed, n_bytes + len(piece)
        if n_bytes > limits.inflated_bytes:
            limit = f"{limits.inflated_bytes:,} bytes (FEEDFORWARD_MAX_UPLOAD_BYTES)"
            message = f"The decompressed file exceeds the limit of {limit}."
            raise TableError("inflates", message, problem=TooLarge)
        if n_bytes > FREE_BYTES and n_bytes > MOST_INFLATION * n_compressed:
            message = f"The file decompresses to more than {MOST_INFLATION} times its size. Send it uncompressed."
            raise TableError("inflates", message, problem=TooLarge)
        yield piece


def first_bytes(start: bytes, size: int) -> bytes:
    """The first decompressed bytes of a file by its start; damage is reported when the file is read."""
    decompression = of_file(start)
    if decompression is None:
        return start
    try:
        return decompression.take(start)[:size]
    except DamagedData:
        return b""


def _pieces(path: Path, decompression: Decompression) -> Iterator[tuple[int, bytes]]:
    """The number of compressed bytes read, and the piece that they decompress to."""
    with path.open("rb") as file:
        while True:
            chunk = b"" if decompression.has_more else file.read(READ_BYTES)
            if not chunk and not decompression.has_more:
                break
            try:
                piece = decompression.take(chunk)
            except DamagedData as error:
                raise unreadable(f"The compressed file is damaged: {error}.") from None
            yield len(chunk), piece
    if not decompression.is_complete:
        raise unreadable("The compressed file is truncated: its end is missing.")
