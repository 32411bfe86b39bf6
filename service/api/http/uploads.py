"""Bodies streamed to the disk: no file is held in memory, and no write blocks the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from service.api.http.request_body import ClientLeft
from service.datasets.storage.uploads import PIECE_BYTES, StagedFile, StagedFileWriter
from service.settings import Settings


class Uploads:
    """The temporary files of one request, which are removed at its end unless they became datasets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._files: list[StagedFileWriter | StagedFile] = []

    def begin(self) -> Upload:
        file = StagedFileWriter(self._settings)
        self._files.append(file)
        return Upload(file)

    def take(self, staged: StagedFile) -> StagedFile:
        """Add a file created elsewhere, to be removed as well."""
        self._files.append(staged)
        return staged

    def discard(self) -> None:
        for file in self._files:
            file.discard()


@asynccontextmanager
async def uploads(settings: Settings) -> AsyncIterator[Uploads]:
    files = Uploads(settings)
    try:
        yield files
    finally:
        await run_in_threadpool(files.discard)


class Upload:
    """A temporary file that grows by a mebibyte at a time, off the event loop."""

    def __init__(self, file: StagedFileWriter) -> None:
        self._file = file
        self._pieces: list[bytes] = []
        self._buffered_bytes = 0
        self.bytes = 0

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._buffered_bytes += len(piece)
        self.bytes += len(piece)

    async def flush(self, *, at_least: int = PIECE_BYTES) -> None:
        """Write the buffered bytes once there are enough."""
        if self._buffered_bytes >= max(at_least, 1):
            buffered = b"".join(self._pieces)
            self._pieces, self._buffered_bytes = [], 0
            await run_in_threadpool(self._file.write, buffered)

    async def finish(self) -> StagedFile:
        await self.flush(at_least=0)
        return await run_in_threadpool(self._file.finish)


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """The body as it arrives. Raises ClientLeft."""
    try:
        async for piece in request.stream():
            if piece:
                yield piece
    except ClientDisconnect:
        raise ClientLeft from None


async def receive_file(request: Request, files: Uploads) -> StagedFile:
    """The whole body as a temporary file."""
    upload = files.begin()
    async for piece in pieces_of(request):
        upload.add(piece)
        await upload.flush()
    return await upload.finish()


async def receive_small_or_file(request: Request, files: Uploads, small_bytes: int) -> bytes | StagedFile:
    """The body in memory while it is small, else as a temporary file."""
    pieces: list[bytes] = []
    size = 0
    upload: Upload | None = None
    async for piece in pieces_of(request):
        size += len(piece)
        if upload is not None:
            upload.add(piece)
            await upload.flush()
            continue
        pieces.append(piece)
        if size > small_bytes:
            upload = files.begin()
            upload.add(b"".join(pieces))
            pieces.clear()
    return b"".join(pieces) if upload is None else await upload.finish()
