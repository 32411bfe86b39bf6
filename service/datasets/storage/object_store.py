"""Bytes of datasets in an object store (S3 and others) or a shared folder, through fsspec, named by digest."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.datasets.storage.uploads import PIECE_BYTES, disk_as_problem
from service.problems import Problem, Unavailable

DIGITS = frozenset("0123456789abcdef")
PART = ".part"


class ObjectStore:
    """The objects under one address, such as `s3://bucket/prefix`. Failures raise Unavailable."""

    def __init__(self, address: str) -> None:
        with _failures_as_unavailable():
            import fsspec

            self._files, self._root = fsspec.core.url_to_fs(address)

    def ensure(self, dataset: str, source: Path, size: int) -> None:
        """Copy a file to the object, unless it is complete already; it is durable when this returns."""
        with _missing_as_unavailable(), _failures_as_unavailable():
            if self._size(dataset) != size:
                self._put(source, self._key(dataset))

    def read_to(self, dataset: str, target: Path) -> None:
        """Copy the object into a file. Raises FileNotFoundError if there is none."""
        with _failures_as_unavailable(), disk_as_problem():
            self._files.get_file(self._key(dataset), str(target))

    def pieces(self, dataset: str) -> Iterator[bytes]:
        """The object's bytes. Raises FileNotFoundError if there is none."""
        with _failures_as_unavailable(), self._files.open(self._key(dataset), "rb") as file:
            yield from iter(lambda: file.read(PIECE_BYTES), b"")

    def delete(self, dataset: str) -> None:
        with _failures_as_unavailable():
            try:
                self._files.rm_file(self._key(dataset))
            except FileNotFoundError:
                return

    def list_older(self, seconds: float) -> list[str]:
        """The digests of objects that were written at least so long ago. Removes incomplete copies on the way."""
        oldest, digests = time.time() - seconds, []
        with _missing_as_unavailable(), _failures_as_unavailable():
            self._files.invalidate_cache()
            for path, details in self._files.find(self._root, detail=True).items():
                if _written_at(details) >= oldest:
                    continue
                name = path.rsplit("/", 1)[-1]
                if len(name) == 64 and DIGITS.issuperset(name):
                    digests.append(f"sha256:{name}")
                elif name.endswith(PART):
                    self._files.rm_file(path)
        return digests

    def _key(self, dataset: str) -> str:
        return f"{self._root.rstrip('/')}/{dataset.removeprefix('sha256:')}"

    def _size(self, dataset: str) -> int | None:
        try:
            size: int = self._files.info(self._key(dataset))["size"]
        except FileNotFoundError:
            return None
        return size

    def _put(self, source: Path, key: str) -> None:
        """Write an object atomically: object stores do so by themselves; in a folder a rename does."""
        if "file" not in self._files.protocol:
            self._files.put_file(str(source), key)
            return
        with disk_as_problem():
            _copy_atomically(self._files, source, Path(key))


def _copy_atomically(files: Any, source: Path, target: Path) -> None:
    """Copy to a temporary file in the same folder, sync, rename, and sync the folder."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f"{uuid.uuid4().hex}{PART}")
    try:
        files.put_file(str(source), str(part))
        sync(part)
        os.replace(part, target)
        sync(target.parent)
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Flush a file, or a folder's entries, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written_at(details: dict[str, Any]) -> float:
    """When an object was written. Each file system names this differently, as seconds or as a moment."""
    moment = next(
        (details[name] for name in ("mtime", "LastModified", "last_modified", "updated") if name in details), None
    )
    if moment is None:
        return time.time()  # unknown, so it counts as new and is kept
    return float(moment) if isinstance(moment, int | float) else float(moment.timestamp())


@contextmanager
def _failures_as_unavailable() -> Iterator[None]:
    """Raise whatever the store's own library raises as Unavailable, except that an object is missing."""
    try:
        yield
    except (Problem, FileNotFoundError, GeneratorExit):
        raise
    except Exception as error:
        raise _unusable(error) from error


@contextmanager
def _missing_as_unavailable() -> Iterator[None]:
    """Raise FileNotFoundError as Unavailable if nothing may be missing, such as the bucket."""
    try:
        yield
    except FileNotFoundError as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> Unavailable:
    return Unavailable(f"The store of the datasets can't be used: {str(error)[:200]}", headers={"Retry-After": "5"})
