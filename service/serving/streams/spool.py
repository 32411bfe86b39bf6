"""Bytes between the event loop, which receives and sends, and the thread that reads, predicts and writes."""

from __future__ import annotations

import asyncio
import errno
import io
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from service.problems import DiskFull, Unavailable, is_out_of_descriptors, too_many_open_files

IN_MEMORY_BYTES = 1024 * 1024
PIECE_BYTES = 256 * 1024


class PulledBody(io.RawIOBase):
    """A request's body as a file for a thread. `next_piece` is awaited on the event loop; b"" is its end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, next_piece: Callable[[], Awaitable[bytes]]) -> None:
        self._loop = loop
        self._next_piece = next_piece
        self._piece = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer, as RawIOBase says
        while not self._piece and not self._ended:
            self._pull()
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size

    def _pull(self) -> None:
        async def pull() -> bytes:
            return await self._next_piece()

        piece = asyncio.run_coroutine_threadsafe(pull(), self._loop).result()
        self._piece, self._ended = memoryview(piece), not piece


class Spool:
    """Bytes to be sent, of any number: beyond a megabyte they wait on disk.

    So the thread never waits for a client that sends its whole request before it reads, as most do.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  # `close` closes it
        self._lock = threading.Lock()
        self._written = self._sent = 0
        self._is_ready = asyncio.Event()

    @property
    def size(self) -> int:
        return self._written

    def write(self, content: bytes) -> None:
        """Called by the thread. Raises DiskFull and Unavailable."""
        with self._lock, _disk_as_problem():
            self._file.seek(self._written)
            self._file.write(content)
            self._written += len(content)

    def release(self) -> None:
        """Allow sending of all bytes so far. Called by the thread."""
        self._loop.call_soon_threadsafe(self._is_ready.set)

    async def released(self) -> None:
        await self._is_ready.wait()
        self._is_ready.clear()

    def take(self) -> bytes:
        """The next bytes to send; none where all were returned before. Raises as `write` does."""
        with self._lock, _disk_as_problem():
            self._file.seek(self._sent)
            piece = self._file.read(min(PIECE_BYTES, self._written - self._sent))
            self._sent += len(piece)
            return piece

    def close(self) -> None:
        with suppress(OSError):  # closing writes what is buffered, which a full disk refuses
            self._file.close()


@contextmanager
def _disk_as_problem() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_out_of_descriptors(error):
            raise too_many_open_files() from error
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull("There is no room left for the response.") from error
        detail = f"The disk for temporary files can't be used: {error.strerror or error}."
        raise Unavailable(detail, headers={"Retry-After": "5"}) from error
