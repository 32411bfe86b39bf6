"""Where the bytes of datasets are kept: few of them in the database, more of them as files named by digest.

On PostgreSQL all are in the database, in parts, since the processes share no disk. For files the order is crash-safe:
temporary file, sync, rename, sync of the folder, then the row. What a crash leaves behind are files without a row,
which `sweep` removes; never a row without its file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.datasets.incoming import (
    IN_DATABASE_BYTES,
    PIECE_BYTES,
    Incoming,
    disk_full_as_problem,
    incoming_folder,
    write_incoming,
)
from service.problems import Unavailable
from service.registry import Session, datasets
from service.registry.database import Database
from service.registry.datasets import NewDataset
from service.settings import Settings

ORPHAN_AGE_SECONDS = 3600


class CorruptDataset(Unavailable):
    """The stored bytes of this dataset don't match their digest. Restore a backup, or send the data again."""

    slug, title = "corrupt-dataset", "The bytes of this dataset are damaged"


@dataclass(frozen=True)
class StoredDataset:
    """A dataset that can be read at `path` for the time being."""

    id: str
    format: str
    bytes: int
    path: Path


def keep(session: Session, settings: Settings, incoming: Incoming, format_: str) -> bool:
    """Make a dataset of a temporary file, in the transaction of `session`. Returns whether it is new.

    A rename happens inside the transaction, so that it can't meet the removal of the same content elsewhere.
    """
    if is_file(settings, incoming.bytes):
        _move_in(settings, incoming)
        return datasets.add(session, NewDataset(id=incoming.id, format=format_, bytes=incoming.bytes))
    with incoming.path.open("rb") as file:
        pieces = iter(lambda: file.read(PIECE_BYTES), b"")
        return _add_in_parts(session, NewDataset(id=incoming.id, format=format_, bytes=incoming.bytes), pieces)


def keep_content(session: Session, settings: Settings, dataset: str, content: bytes, format_: str) -> bool:
    """Make a dataset of bytes in memory. Returns whether it is new."""
    if not is_file(settings, len(content)):
        return _add_in_parts(session, NewDataset(id=dataset, format=format_, bytes=len(content)), [content])
    incoming = write_incoming(settings, content)
    try:
        return keep(session, settings, incoming, format_)
    finally:
        incoming.discard()


def _add_in_parts(session: Session, new: NewDataset, pieces: Iterable[bytes]) -> bool:
    is_new = datasets.add(session, new)
    if is_new:
        datasets.add_parts(session, new.id, pieces)
    return is_new


def is_file(settings: Settings, size: int) -> bool:
    """Whether a dataset of so many bytes is kept as a file."""
    return settings.on_sqlite and size > IN_DATABASE_BYTES


def _move_in(settings: Settings, incoming: Incoming) -> None:
    place = path_of(settings, incoming.id)
    with disk_full_as_problem():
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(incoming.path, place)
        _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def path_of(settings: Settings, dataset: str) -> Path:
    return settings.data / "datasets" / dataset.removeprefix("sha256:")


@contextmanager
def opened(database: Database, settings: Settings, reference: str) -> Iterator[StoredDataset]:
    """A dataset as a file whose digest was checked. Raises NotFound and CorruptDataset."""
    with opened_unchecked(database, settings, reference) as stored:
        check_digest(stored.id, pieces_of(stored.path))
        yield stored


@contextmanager
def opened_unchecked(database: Database, settings: Settings, reference: str) -> Iterator[StoredDataset]:
    """A dataset as a file, for a look at it. Raises NotFound, and CorruptDataset where its size is wrong."""
    with database.read() as session:
        row = datasets.get_row(session, reference)
        dataset, format_, size = row.id, row.format, row.bytes
    if is_file(settings, size):
        path = path_of(settings, dataset)
        if not path.exists() or path.stat().st_size != size:
            raise damaged(dataset)
        yield StoredDataset(dataset, format_, size, path)
        return
    with tempfile.NamedTemporaryFile(dir=incoming_folder(settings), suffix=".part") as copy, disk_full_as_problem():
        with database.read() as session:
            for piece in datasets.read_parts(session, dataset):
                copy.write(piece)
        copy.flush()
        if copy.tell() != size:
            raise damaged(dataset)
        yield StoredDataset(dataset, format_, size, Path(copy.name))


def stream(database: Database, settings: Settings, reference: str) -> Iterator[bytes]:
    """A dataset's bytes. The last piece is held back until the digest of all is known to be right."""
    with database.read() as session:
        row = datasets.get_row(session, reference)
        dataset = row.id
        if not is_file(settings, row.bytes):
            yield from checked(dataset, datasets.read_parts(session, dataset))
            return
    yield from checked(dataset, pieces_of(path_of(settings, dataset)))


def checked(dataset: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces; raises CorruptDataset before the last one when they are not the dataset's."""
    digest, held = hashlib.sha256(), b""
    for piece in pieces:
        if held:
            yield held
        digest.update(piece)
        held = piece
    if f"sha256:{digest.hexdigest()}" != dataset:
        raise damaged(dataset)
    yield held


def check_digest(dataset: str, pieces: Iterable[bytes]) -> None:
    for _ in checked(dataset, pieces):
        pass


def pieces_of(path: Path) -> Iterator[bytes]:
    if not path.exists():
        raise damaged(f"sha256:{path.name}")
    with path.open("rb") as file:
        yield from iter(lambda: file.read(PIECE_BYTES), b"")


def damaged(dataset: str) -> CorruptDataset:
    return CorruptDataset(f"The stored bytes of the dataset {dataset} do not match their SHA-256.")


def remove(database: Database, settings: Settings, dataset: str) -> None:
    """Remove the file of a dataset whose row is gone; parts went with the row."""
    if not settings.on_sqlite or not path_of(settings, dataset).exists():
        return
    with database.write() as session:  # nobody can store the same content meanwhile
        if not datasets.known_ids(session, [dataset]):
            path_of(settings, dataset).unlink(missing_ok=True)


def sweep(database: Database, settings: Settings, *, older_than_seconds: float = ORPHAN_AGE_SECONDS) -> int:
    """Remove what interrupted uploads left behind; returns how many files that were."""
    oldest = time.time() - older_than_seconds
    left = [path for path in incoming_folder(settings).iterdir() if path.stat().st_mtime < oldest]
    for path in left:
        path.unlink(missing_ok=True)
    if not settings.on_sqlite or not (settings.data / "datasets").is_dir():
        return len(left)
    with database.write() as session:
        files = {f"sha256:{path.name}": path for path in (settings.data / "datasets").iterdir()}
        orphans = files.keys() - _known(session, list(files))
        gone = [files[dataset] for dataset in orphans if files[dataset].stat().st_mtime < oldest]
        for path in gone:
            path.unlink()
    return len(left) + len(gone)


def _known(session: Session, ids: list[str]) -> set[str]:
    return set().union(*(datasets.known_ids(session, ids[start : start + 500]) for start in range(0, len(ids), 500)))
