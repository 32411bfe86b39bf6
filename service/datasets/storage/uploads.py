"""Bytes on their way in: written to a temporary file piece by piece, with their digest known at the end."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from service.problems import DiskFull, Problem, Unavailable

if TYPE_CHECKING:  # the child that reads files starts quicker without pydantic
    from service.settings import Settings

PIECE_BYTES = 1024 * 1024
IN_DATABASE_BYTES = 256 * 1024


@dataclass(frozen=True)
class StagedFile:
    """A complete temporary file, not yet a dataset."""

    path: Path
    id: str
    bytes: int

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


class StagedFileWriter:
    """A temporary file that is being written. `finish` or `discard` ends it."""

    def __init__(self, settings: Settings) -> None:
        with disk_as_problem():
            self.path = staging_folder(settings) / f"{uuid.uuid4().hex}.part"
            self._file = self.path.open("xb")
        self._digest, self.bytes = hashlib.sha256(), 0
        self._becomes_a_file = settings.on_sqlite

    def write(self, piece: bytes) -> None:
        with disk_as_problem():
            self._file.write(piece)
        self._digest.update(piece)
        self.bytes += len(piece)

    def finish(self) -> StagedFile:
        """End the file. One that can become a dataset by a rename is synced to the disk: a crash loses none of it."""
        with disk_as_problem():
            self._file.flush()
            if self._becomes_a_file and self.bytes > IN_DATABASE_BYTES:
                os.fsync(self._file.fileno())
            self._file.close()
        return StagedFile(self.path, f"sha256:{self._digest.hexdigest()}", self.bytes)

    def discard(self) -> None:
        with suppress(OSError):  # closing writes what is buffered, which a full disk refuses
            self._file.close()
        self.path.unlink(missing_ok=True)


def staging_folder(settings: Settings) -> Path:
    """Beside the datasets where they are files, so that a rename is enough; else among the system's temporary files."""
    folder = settings.data if settings.on_sqlite else Path(tempfile.gettempdir()) / f"feedforward-{os.getuid()}"
    folder = folder / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def write_staged(settings: Settings, content: bytes) -> StagedFile:
    """Bytes that are in memory already, as a temporary file."""
    file = StagedFileWriter(settings)
    try:
        file.write(content)
        return file.finish()
    except BaseException:
        file.discard()
        raise


@contextmanager
def temporary_file(folder: Path) -> Iterator[IO[bytes]]:
    """A file in the folder that is gone afterwards. Raises DiskFull and Unavailable."""
    with disk_as_problem():
        file = tempfile.NamedTemporaryFile(dir=folder, suffix=".part")  # noqa: SIM115  # closed below
    try:
        yield file
    finally:
        with disk_as_problem():
            file.close()


@contextmanager
def disk_as_problem() -> Iterator[None]:
    """What the disk refuses, as DiskFull or Unavailable: a matter of this machine and this moment."""
    try:
        yield
    except OSError as error:
        if not is_of_disk(error):
            raise
        raise problem_of_disk(error) from error


def is_of_disk(error: OSError) -> bool:
    """Whether the system refused something, so that it may well be done later; else a file is missing or damaged."""
    return error.errno not in (None, errno.EINVAL, errno.ENOENT)


def problem_of_disk(error: OSError) -> Problem:
    """The problem of a failed call to the system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("The disk for datasets is full. Free some space and send the request again.")
    detail = f"The disk for datasets can't be used: {error.strerror or error}. The server's operator has to fix it."
    return Unavailable(detail, headers={"Retry-After": "5"})
