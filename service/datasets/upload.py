"""From an uploaded file to a dataset: stored under its name, then profiled."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace

from anyio import to_thread

from service.datasets.profiler import Profiler
from service.datasets.storage import garbage_collection, store
from service.datasets.storage.uploads import StagedFile
from service.problems import Conflict, Unavailable
from service.registry import Session, audit, datasets
from service.registry.database import Database
from service.registry.idempotency import Idempotency, find_record, hold_key, remember
from service.schemas.dataset import Dataset
from service.settings import Settings


@dataclass(frozen=True)
class UploadedFile:
    """A staged file and its format."""

    staged: StagedFile
    format: str


@dataclass(frozen=True)
class StoredUpload:
    """A stored dataset: whether it is new, and whether the request was a replay."""

    dataset: Dataset
    is_new: bool
    replayed: bool = False


@dataclass(frozen=True)
class DatasetUpload:
    """Stores uploaded files as datasets."""

    settings: Settings
    database: Database
    profiler: Profiler

    async def store(self, uploaded: UploadedFile, name: str | None, key: str | None, actor: str) -> StoredUpload:
        """Store and profile a file; the dataset's state is `profiling` if that takes longer or the database is away.

        Raises Conflict if the name is in use, and the problem of a file that is not a table.
        """
        stored = await to_thread.run_sync(self._store, uploaded, name, key, actor)
        with suppress(Unavailable):
            stored = replace(stored, dataset=await self._profile(stored.dataset.id))
        if stored.dataset.state == "failed":
            raise await to_thread.run_sync(self._discard, stored.dataset, stored.is_new)
        return stored

    async def _profile(self, dataset: str) -> Dataset:
        await self.profiler.profile(dataset)
        return await to_thread.run_sync(self._read, dataset)

    def _store(self, uploaded: UploadedFile, name: str | None, key: str | None, actor: str) -> StoredUpload:
        """The dataset as it was committed, without its profile where it is new."""
        staged = uploaded.staged
        store.stage(self.database, self.settings, staged)
        with self.database.write() as session:
            replayed = key is not None and _is_replay(session, key, staged.id, name)
            is_new = store.commit(session, self.settings, staged, uploaded.format)
            if name is not None:
                _give_name(session, staged.id, name, actor)
            dataset, _ = datasets.get_dataset(session, staged.id)
        return StoredUpload(dataset, is_new, replayed)

    def _read(self, dataset: str) -> Dataset:
        with self.database.read() as session:
            return datasets.get_dataset(session, dataset)[0]

    def _discard(self, dataset: Dataset, is_new: bool) -> Exception:
        """Delete a new file that could not be read. Returns the problem that explains why."""
        problem = self.profiler.problem_of(dataset)
        if is_new:
            try:
                with self.database.write() as session:
                    deleted_id, store = datasets.delete_dataset(session, dataset.id, audit.SERVICE)
                garbage_collection.remove(self.database, self.settings, deleted_id, store)
            except Conflict:
                return problem  # a training has begun to use it
        return problem


def _is_replay(session: Session, key: str, dataset: str, name: str | None) -> bool:
    """Whether the key was used for these bytes and this name. Raises InvalidInput if it was used for others."""
    hold_key(session, key)
    fingerprint = hashlib.sha256(f"{dataset} {name or ''}".encode()).hexdigest()
    idempotency = Idempotency(key, fingerprint)
    if find_record(session, idempotency) is not None:
        return True
    remember(session, idempotency, dataset=dataset)
    return False


def _give_name(session: Session, dataset: str, name: str, actor: str) -> None:
    """Name a dataset. Raises Conflict if it has a different name already, or the name belongs to other bytes."""
    row = datasets.get_row(session, dataset)
    if row.name not in (None, name):
        raise Conflict(f"These bytes are already the dataset `{row.name}`. Use that name, or rename it with PATCH.")
    datasets.set_name(session, dataset, name, actor)
