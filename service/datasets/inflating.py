"""Files that came compressed by gzip, inflated into a temporary file that cannot grow past the limits."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.datasets.faults import TableFault, unreadable
from service.datasets.incoming import PIECE_BYTES, disk_full_as_problem
from service.datasets.limits import MEBIBYTE, Limits
from service.problems import TooLarge

GZIP_MAGIC = b"\x1f\x8b"
MOST_INFLATION = 200
FREE_BYTES = 16 * MEBIBYTE


@contextmanager
def inflated(path: Path, limits: Limits) -> Iterator[Path]:
    """The file itself, or a temporary file of what it inflates to."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == GZIP_MAGIC
    if not is_gzip:
        yield path
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part") as plain:
        with disk_full_as_problem():
            for piece in inflate(path, limits):
                plain.write(piece)
            plain.flush()
        yield Path(plain.name)


def inflate(path: Path, limits: Limits) -> Iterator[bytes]:
    """The pieces of what a gzip file holds. Raises TableFault as soon as they are past a limit."""
    taken = given = 0
    for compressed, piece in _pieces(path):
        taken, given = taken + compressed, given + len(piece)
        if given > limits.inflated_bytes:
            message = (
                f"The file inflates past the limit of {limits.inflated_bytes:,} bytes (FEEDFORWARD_MAX_UPLOAD_BYTES)."
            )
            raise TableFault("inflates", message, problem=TooLarge)
        if given > FREE_BYTES and given > MOST_INFLATION * taken:
            message = f"The file inflates to more than {MOST_INFLATION} times its size. Send it uncompressed."
            raise TableFault("inflates", message, problem=TooLarge)
        yield piece


def first_bytes(path: Path, size: int) -> bytes:
    """The first bytes of what a gzip file holds; what is broken is told when the file is read."""
    with path.open("rb") as file:
        try:
            return zlib.decompressobj(wbits=31).decompress(file.read(PIECE_BYTES), size)
        except zlib.error:
            return b""


def _pieces(path: Path) -> Iterator[tuple[int, bytes]]:
    """How many compressed bytes were taken, and what they inflate to; a file may hold several members."""
    decompressor, pending = zlib.decompressobj(wbits=31), b""
    with path.open("rb") as file:
        while True:
            read = b"" if pending else file.read(64 * 1024)
            data = pending or read
            if not data:
                break
            if decompressor.eof:
                decompressor = zlib.decompressobj(wbits=31)
            try:
                piece = decompressor.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise unreadable(f"The gzip file is damaged: {error}.") from None
            pending = decompressor.unused_data or decompressor.unconsumed_tail
            yield len(read), piece
    if not decompressor.eof:
        raise unreadable("The gzip file is cut: its end is missing.")
