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
    """The objects under one address, as `s3://bucket/prefix`. What fails there is raised as Unavailable."""

    def __init__(self, address: str) -> None:
        with _reached():
            import fsspec

            self._files, self._root = fsspec.core.url_to_fs(address)

    def ensure(self, dataset: str, source: Path, size: int) -> None:
        """Have the object there, whole and on its disk, when this returns."""
        with _found(), _reached():
            if self._size(dataset) != size:
                self._put(source, self._key(dataset))

    def read_to(self, dataset: str, target: Path) -> None:
        """Copy the object into a file. Raises FileNotFoundError where there is none."""
        with _reached(), disk_as_problem():
            self._files.get_file(self._key(dataset), str(target))

    def pieces(self, dataset: str) -> Iterator[bytes]:
        """The object's bytes. Raises FileNotFoundError where there is none."""
        with _reached(), self._files.open(self._key(dataset), "rb") as file:
            yield from iter(lambda: file.read(PIECE_BYTES), b"")

    def delete(self, dataset: str) -> None:
        with _reached():
            try:
                self._files.rm_file(self._key(dataset))
            except FileNotFoundError:
                return

    def list_older(self, seconds: float) -> list[str]:
        """The digests whose objects were written so long ago. What a broken copy left behind is removed on the way."""
        oldest, found = time.time() - seconds, []
        with _found(), _reached():
            self._files.invalidate_cache()
            for path, facts in self._files.find(self._root, detail=True).items():
                if _written_at(facts) >= oldest:
                    continue
                name = path.rsplit("/", 1)[-1]
                if len(name) == 64 and DIGITS.issuperset(name):
                    found.append(f"sha256:{name}")
                elif name.endswith(PART):
                    self._files.rm_file(path)
        return found

    def _key(self, dataset: str) -> str:
        return f"{self._root.rstrip('/')}/{dataset.removeprefix('sha256:')}"

    def _size(self, dataset: str) -> int | None:
        try:
            size: int = self._files.info(self._key(dataset))["size"]
        except FileNotFoundError:
            return None
        return size

    def _put(self, source: Path, key: str) -> None:
        """An object store shows an object when it is complete; in a folder a rename does that."""
        if "file" not in self._files.protocol:
            self._files.put_file(str(source), key)
            return
        with disk_as_problem():
            _copy_in(self._files, source, Path(key))


def _copy_in(files: Any, source: Path, place: Path) -> None:
    """Temporary file beside it, sync, rename, sync of the folder."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_name(f"{uuid.uuid4().hex}{PART}")
    try:
        files.put_file(str(source), str(part))
        sync(part)
        os.replace(part, place)
        sync(place.parent)
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written_at(facts: dict[str, Any]) -> float:
    """Each file system tells it by another name: seconds, or a moment."""
    moment = next(
        (facts[name] for name in ("mtime", "LastModified", "last_modified", "updated") if name in facts), None
    )
    if moment is None:
        return time.time()  # as far as is known it is new, and so it is kept
    return float(moment) if isinstance(moment, int | float) else float(moment.timestamp())


@contextmanager
def _reached() -> Iterator[None]:
    """What the store's own library raises, whichever that is, as Unavailable; but what is not there is left as that."""
    try:
        yield
    except (Problem, FileNotFoundError, GeneratorExit):
        raise
    except Exception as error:
        raise _unusable(error) from error


@contextmanager
def _found() -> Iterator[None]:
    """Where nothing may be missing, as the bucket."""
    try:
        yield
    except FileNotFoundError as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> Unavailable:
    return Unavailable(f"The store of the datasets can't be used: {str(error)[:200]}", headers={"Retry-After": "5"})
