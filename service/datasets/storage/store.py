"""Where the bytes of datasets are kept: few of them in the database, more of them as files named by digest.

On PostgreSQL all are in the database, in parts, since the processes share no disk. If an object store is set, the
larger ones are there; the row of each dataset names its store. For files the order is crash-safe: temporary file,
sync, rename, sync of the folder, then the row; objects are complete before their row too. A crash leaves files and
objects without a row, which `garbage_collection.py` removes, but never a row without its bytes.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

from service.datasets.storage.object_store import ObjectStore, sync
from service.datasets.storage.uploads import (
    IN_DATABASE_BYTES,
    PIECE_BYTES,
    StagedFile,
    disk_as_problem,
    staging_folder,
    temporary_file,
    write_staged,
)
from service.descriptors import Descriptors
from service.problems import Unavailable, too_many_open_files
from service.registry import Session, datasets
from service.registry.database import Database
from service.registry.datasets import NewDataset
from service.settings import Settings

# How long a download that has begun waits for the database to respond again.
PATIENCE_SECONDS = 30.0
SECONDS_BETWEEN_TRIES = 0.25


class CorruptDataset(Unavailable):
    """The stored bytes of this dataset don't match their digest. Restore a backup, or send the data again."""

    slug, title = "corrupt-dataset", "The bytes of this dataset are damaged"


@dataclass(frozen=True)
class StoredDataset:
    """A dataset that can be read at `path` while it is open."""

    id: str
    format: str
    bytes: int
    path: Path


def stage(database: Database, settings: Settings, staged: StagedFile) -> None:
    """Copy a file to the object store, if it belongs there, before the transaction that makes it a dataset.

    Such a copy may take minutes, during which no other process could write on SQLite. `commit` ensures that it exists.
    """
    address = settings.dataset_store
    if address is None or staged.bytes <= IN_DATABASE_BYTES:
        return
    with database.read() as session:
        row = datasets.find_row(session, staged.id)
        address = address if row is None else row.store
    if address is not None:
        ObjectStore(address).ensure(staged.id, staged.path, staged.bytes)


def commit(session: Session, settings: Settings, staged: StagedFile, format_: str) -> bool:
    """Make a dataset of a temporary file, in the transaction of `session`. Returns whether it is new.

    A rename happens inside the transaction, so that it can't collide with a removal of the same content.
    """
    datasets.hold_content(session, staged.id)
    address = settings.dataset_store if staged.bytes > IN_DATABASE_BYTES else None
    new = NewDataset(id=staged.id, format=format_, bytes=staged.bytes, store=address)
    is_new = datasets.add(session, new)
    address = datasets.get_row(session, staged.id).store
    if address is not None:
        ObjectStore(address).ensure(staged.id, staged.path, staged.bytes)
    elif is_file(settings, staged.bytes):
        _move_in(settings, staged)
    elif is_new:
        with disk_as_problem(), staged.path.open("rb") as file:
            datasets.add_parts(session, new.id, iter(lambda: file.read(PIECE_BYTES), b""))
    return is_new


def commit_content(session: Session, settings: Settings, dataset: str, content: bytes, format_: str) -> bool:
    """Make a dataset of bytes in memory. Returns whether it is new."""
    if len(content) > IN_DATABASE_BYTES:
        staged = write_staged(settings, content)
        try:
            return commit(session, settings, staged, format_)
        finally:
            staged.discard()
    is_new = datasets.add(session, NewDataset(id=dataset, format=format_, bytes=len(content)))
    if is_new:
        datasets.add_parts(session, dataset, [content])
    return is_new


def is_file(settings: Settings, size: int) -> bool:
    """Whether a dataset of this size is kept as a file, if it is in no object store."""
    return settings.on_sqlite and size > IN_DATABASE_BYTES


def _move_in(settings: Settings, staged: StagedFile) -> None:
    target = path_of(settings, staged.id)
    with disk_as_problem():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(staged.path, target)
        sync(target.parent)


def path_of(settings: Settings, dataset: str) -> Path:
    return settings.data / "datasets" / dataset.removeprefix("sha256:")


@contextmanager
def open_checked(database: Database, settings: Settings, reference: str) -> Iterator[StoredDataset]:
    """A dataset as a file with a verified digest. Raises NotFound and CorruptDataset."""
    with open_unchecked(database, settings, reference) as stored:
        check_digest(stored.id, pieces_of(stored.path))
        yield stored


@contextmanager
def open_unchecked(database: Database, settings: Settings, reference: str) -> Iterator[StoredDataset]:
    """A dataset as a file whose digest is not verified. Raises NotFound, and CorruptDataset if its size is wrong."""
    with database.read() as session:
        row = datasets.get_row(session, reference)
        dataset, format_, size, address = row.id, row.format, row.bytes, row.store
    if address is None and is_file(settings, size):
        yield StoredDataset(dataset, format_, size, _check_size(path_of(settings, dataset), dataset, size))
        return
    with temporary_file(staging_folder(settings)) as copy:
        path = Path(copy.name)
        if address is None:
            _write_parts(database, dataset, path)
        else:
            _copy_object(ObjectStore(address), dataset, path)
        yield StoredDataset(dataset, format_, size, _check_size(path, dataset, size))


def _check_size(path: Path, dataset: str, size: int) -> Path:
    if not path.exists() or path.stat().st_size != size:
        raise corrupt(dataset)
    return path


def _write_parts(database: Database, dataset: str, target: Path) -> None:
    with disk_as_problem(), database.read() as session, target.open("wb") as file:
        for piece in datasets.read_parts(session, dataset):
            file.write(piece)


def _copy_object(objects: ObjectStore, dataset: str, target: Path) -> None:
    try:
        objects.read_to(dataset, target)
    except FileNotFoundError:
        raise corrupt(dataset) from None


def stream(database: Database, settings: Settings, reference: str) -> Generator[bytes]:
    """A dataset's bytes. The last piece is withheld until the digest of all pieces is verified.

    Raises NotFound and Unavailable before the first piece.
    """
    with database.read() as session:
        row = datasets.get_row(session, reference)
        dataset, size, place = row.id, row.bytes, row.store
    if place is not None:
        return check_pieces(dataset, _pieces_of_object(ObjectStore(place), dataset))
    if is_file(settings, size):
        return check_pieces(dataset, pieces_of(path_of(settings, dataset)))
    return check_pieces(dataset, _parts(database, dataset))


def _parts(database: Database, dataset: str) -> Iterator[bytes]:
    """The parts in the database. None of its connections is held while a slow client takes one."""
    for position in count():
        part = _find_part(database, dataset, position)
        if part is None:
            return
        yield part


def _find_part(database: Database, dataset: str, position: int) -> bytes | None:
    """Raises Unavailable where the database does not respond for a while."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with database.read() as session:
                return datasets.find_part(session, dataset, position)
        except Unavailable:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(SECONDS_BETWEEN_TRIES)


def _pieces_of_object(objects: ObjectStore, dataset: str) -> Iterator[bytes]:
    try:
        yield from objects.pieces(dataset)
    except FileNotFoundError:
        raise corrupt(dataset) from None


def check_pieces(dataset: str, pieces: Iterable[bytes]) -> Generator[bytes]:
    """The pieces of a dataset; raises CorruptDataset before the last one if their digest is wrong."""
    digest, withheld = hashlib.sha256(), b""
    for piece in pieces:
        if withheld:
            yield withheld
        digest.update(piece)
        withheld = piece
    if f"sha256:{digest.hexdigest()}" != dataset:
        raise corrupt(dataset)
    yield withheld


def check_digest(dataset: str, pieces: Iterable[bytes]) -> None:
    for _ in check_pieces(dataset, pieces):
        pass


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's bytes. Raises CorruptDataset and Unavailable before the first piece."""
    if not path.exists():
        raise corrupt(f"sha256:{path.name}")
    with disk_as_problem():
        file = path.open("rb")
    if Descriptors().is_among_last(file.fileno()):
        file.close()
        raise too_many_open_files()
    return _pieces_of_file(file)


def _pieces_of_file(file: IO[bytes]) -> Iterator[bytes]:
    with disk_as_problem(), file:
        yield from iter(lambda: file.read(PIECE_BYTES), b"")


def corrupt(dataset: str) -> CorruptDataset:
    return CorruptDataset(f"The stored bytes of the dataset {dataset} do not match their SHA-256.")
