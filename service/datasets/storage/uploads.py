"""Uploads: bytes written to a temporary file piece by piece, with their digest at the end."""

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
from typing import IO

from service.descriptors import Descriptors
from service.problems import DiskFull, Problem, Unavailable, is_out_of_descriptors, too_many_open_files
from service.settings import MEBIBYTE, Settings

PIECE_BYTES = MEBIBYTE
IN_DATABASE_BYTES = 256 * 1024


@dataclass(frozen=True)
class StagedFile:
    """A complete temporary file, not yet a dataset."""

    path: Path
    id: str
    bytes: int

    def discard(self) -> None:
        _remove(self.path)


class StagedFileWriter:
    """A temporary file that is being written. `finish` or `discard` ends it."""

    def __init__(self, settings: Settings) -> None:
        self.path = staging_folder(settings) / f"{uuid.uuid4().hex}.part"
        with disk_as_problem():
            self._file = self.path.open("xb")
        self._digest, self.bytes = hashlib.sha256(), 0
        self._becomes_a_file = settings.on_sqlite
        if Descriptors().is_among_last(self._file.fileno()):
            self.discard()
            raise too_many_open_files()

    def write(self, piece: bytes) -> None:
        with disk_as_problem():
            self._file.write(piece)
        self._digest.update(piece)
        self.bytes += len(piece)

    def finish(self) -> StagedFile:
        """Finish the file, and sync it to the disk if it may become a dataset: a crash must lose none of it."""
        with disk_as_problem():
            self._file.flush()
            if self._becomes_a_file and self.bytes > IN_DATABASE_BYTES:
                os.fsync(self._file.fileno())
            self._file.close()
        return StagedFile(self.path, f"sha256:{self._digest.hexdigest()}", self.bytes)

    def discard(self) -> None:
        with suppress(OSError):  # closing flushes the buffer, which fails on a full disk
            self._file.close()
        _remove(self.path)


def _remove(path: Path) -> None:
    """Remove a temporary file. One that the disk does not let go of is swept at a later start."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def staging_folder(settings: Settings) -> Path:
    """The folder of staged files: beside the datasets if these are files, so that a rename is enough.

    Raises DiskFull and Unavailable.
    """
    with disk_as_problem():
        folder = (settings.data if settings.on_sqlite else _temporary_folder()) / "incoming"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _temporary_folder() -> Path:
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError as error:  # Python writes to each folder that it knows, to see whether it can
        detail = "No folder takes temporary files: they are full or read-only. Free some space in one, or set TMPDIR."
        raise Unavailable(detail, headers={"Retry-After": "5"}) from error
    return Path(folder) / f"feedforward-{os.getuid()}"


def write_staged(settings: Settings, content: bytes) -> StagedFile:
    """Bytes in memory as a staged file."""
    file = StagedFileWriter(settings)
    try:
        file.write(content)
        return file.finish()
    except BaseException:
        file.discard()
        raise


@contextmanager
def temporary_file(folder: Path) -> Iterator[IO[bytes]]:
    """A file in the folder that is removed afterwards. Raises DiskFull and Unavailable."""
    with disk_as_problem():
        file = tempfile.NamedTemporaryFile(dir=folder, suffix=".part")  # noqa: SIM115  # closed below
    try:
        yield file
    finally:
        with suppress(OSError):  # what must be on the disk was flushed; what is left of the file is swept
            file.close()


@contextmanager
def disk_as_problem() -> Iterator[None]:
    """Raise errors of the disk as DiskFull or Unavailable: they concern this machine at this moment."""
    try:
        yield
    except OSError as error:
        if not is_of_disk(error):
            raise
        raise problem_of_disk(error) from error


def is_of_disk(error: OSError) -> bool:
    """Whether the system refused a call that may succeed later; otherwise a file is missing or damaged."""
    return error.errno not in (None, errno.EINVAL, errno.ENOENT)


def problem_of_disk(error: OSError) -> Problem:
    """The problem of a failed system call."""
    if is_out_of_descriptors(error):
        return too_many_open_files()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("The disk for datasets is full. Free some space and send the request again.")
    detail = f"The disk for datasets can't be used: {error.strerror or error}. The server's operator has to fix it."
    return Unavailable(detail, headers={"Retry-After": "5"})
