"""Files that came compressed by gzip or zstd, inflated into a temporary file that cannot grow past the limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.datasets.formats.errors import TableError, unreadable
from service.datasets.formats.limits import MEBIBYTE, Limits
from service.datasets.storage.uploads import disk_as_problem, temporary_file
from service.decompression import DamagedData, Decompression, of_file
from service.problems import TooLarge

MOST_INFLATION = 200
FREE_BYTES = 16 * MEBIBYTE
READ_BYTES = 64 * 1024


@contextmanager
def inflated(path: Path, limits: Limits) -> Iterator[Path]:
    """The file itself, or a temporary file of what it inflates to."""
    with path.open("rb") as file:
        decompression = of_file(file.read(4))
    if decompression is None:
        yield path
        return
    with temporary_file(path.parent) as plain:
        with disk_as_problem():
            for piece in inflate(path, decompression, limits):
                plain.write(piece)
            plain.flush()
        yield Path(plain.name)


def inflate(path: Path, decompression: Decompression, limits: Limits) -> Iterator[bytes]:
    """The pieces of what a compressed file holds. Raises TableFault as soon as they are past a limit."""
    taken = given = 0
    for compressed, piece in _pieces(path, decompression):
        taken, given = taken + compressed, given + len(piece)
        if given > limits.inflated_bytes:
            limit = f"{limits.inflated_bytes:,} bytes (FEEDFORWARD_MAX_UPLOAD_BYTES)"
            message = f"The decompressed file exceeds the limit of {limit}."
            raise TableError("inflates", message, problem=TooLarge)
        if given > FREE_BYTES and given > MOST_INFLATION * taken:
            message = f"The file decompresses to more than {MOST_INFLATION} times its size. Send it uncompressed."
            raise TableError("inflates", message, problem=TooLarge)
        yield piece


def first_bytes(start: bytes, size: int) -> bytes:
    """The first bytes of what a file that starts so holds; what is broken is told when the file is read."""
    decompression = of_file(start)
    if decompression is None:
        return start
    try:
        return decompression.take(start)[:size]
    except DamagedData:
        return b""


def _pieces(path: Path, decompression: Decompression) -> Iterator[tuple[int, bytes]]:
    """How many compressed bytes were taken, and what they inflate to."""
    with path.open("rb") as file:
        while True:
            read = b"" if decompression.has_more else file.read(READ_BYTES)
            if not read and not decompression.has_more:
                break
            try:
                piece = decompression.take(read)
            except DamagedData as damaged:
                raise unreadable(f"The compressed file is damaged: {damaged}.") from None
            yield len(read), piece
    if not decompression.is_complete:
        raise unreadable("The compressed file is truncated: its end is missing.")
