"""Where the bytes of datasets are kept: files named by digest on SQLite, rows of parts on PostgreSQL.

The order is crash-safe: temporary file, sync, rename, sync of the folder, then the row. What a crash leaves behind are
files without a row, which `sweep` removes; never a row without its file.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.datasets.incoming import PIECE_BYTES, Incoming, IncomingFile, disk_full_as_problem, incoming_folder
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

    The rename happens inside the transaction, so that it can't meet the removal of the same content elsewhere.
    """
    if settings.on_sqlite:
        _move_in(settings, incoming)
    is_new = datasets.add(session, NewDataset(id=incoming.id, format=format_, bytes=incoming.bytes))
    if is_new and not settings.on_sqlite:
        with incoming.path.open("rb") as file:
            datasets.add_parts(session, incoming.id, iter(lambda: file.read(PIECE_BYTES), b""))
    return is_new


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
    with database.read() as session:
        row = datasets.get_row(session, reference)
        dataset, format_, size = row.id, row.format, row.bytes
    if settings.on_sqlite:
        path = path_of(settings, dataset)
        check_digest(dataset, pieces_of(path))
        yield StoredDataset(dataset, format_, size, path)
        return
    copy = _copy_from_database(database, settings, dataset)
    try:
        yield StoredDataset(dataset, format_, size, copy.path)
    finally:
        copy.discard()


def _copy_from_database(database: Database, settings: Settings, dataset: str) -> IncomingFile:
    file = IncomingFile(settings)
    try:
        with database.read() as session:
            for piece in datasets.read_parts(session, dataset):
                file.write(piece)
        if file.finish().id != dataset:
            raise damaged(dataset)
    except BaseException:
        file.discard()
        raise
    return file


def stream(database: Database, settings: Settings, dataset: str) -> Iterator[bytes]:
    """A dataset's bytes. The last piece is held back until the digest of all is known to be right."""
    if settings.on_sqlite:
        yield from checked(dataset, pieces_of(path_of(settings, dataset)))
        return
    with database.read() as session:
        yield from checked(dataset, datasets.read_parts(session, dataset))


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
    """Remove the file of a dataset whose row is gone; on PostgreSQL its parts went with the row."""
    if not settings.on_sqlite:
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
