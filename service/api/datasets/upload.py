"""From an upload to a dataset: streamed to the disk, looked at, stored, profiled."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.api.http.multipart import receive_form
from service.api.http.uploads import Uploads, receive_file
from service.datasets.formats.detection import detect_format
from service.datasets.profiler import Profiler
from service.datasets.storage import garbage_collection, store
from service.datasets.storage.uploads import StagedFile
from service.problems import Conflict, InvalidInput, input_error
from service.registry import Session, datasets
from service.registry.database import Database
from service.registry.idempotency import Idempotency, find_made, hold_key, remember
from service.schemas.dataset import Dataset
from service.settings import Settings


@dataclass(frozen=True)
class UploadedFile:
    staged: StagedFile
    format: str


@dataclass(frozen=True)
class UploadResponse:
    dataset: Dataset
    status: int
    replayed: bool = False


@dataclass(frozen=True)
class DatasetUpload:
    settings: Settings
    database: Database
    profiler: Profiler

    async def receive(self, request: Request, kept: Uploads) -> UploadedFile:
        """The body, or the part `file` of a form, on the disk. Raises UnsupportedType and UnreadableBody."""
        content_type, name = request.headers.get("content-type"), None
        if (content_type or "").lower().startswith("multipart/form-data"):
            file = (await receive_form(request, kept, ())).file
            staged, content_type, name = file.staged, file.content_type, file.name
        else:
            staged = await receive_file(request, kept)
        if not staged.bytes:
            raise InvalidInput("The file is empty.", errors=[input_error(["body"], "empty", "send at least one row")])
        return UploadedFile(staged, await run_in_threadpool(detect_format, staged.path, content_type, name))

    async def store(self, uploaded: UploadedFile, name: str | None, key: str | None, actor: str) -> UploadResponse:
        """Store it and profile it; an answer with 202 where the profile takes longer.

        Raises Conflict when the name is taken, and the problem of a file that is no table.
        """
        dataset = uploaded.staged.id
        is_new, replayed = await run_in_threadpool(self._store, uploaded, name, key, actor)
        await self.profiler.profile(dataset)
        found = await run_in_threadpool(self._read, dataset)
        if found.state == "profiling":
            return UploadResponse(found, 202, replayed)
        if found.state == "failed":
            raise await run_in_threadpool(self._refusal, found, is_new)
        return UploadResponse(found, 201 if is_new or replayed else 200, replayed)

    def _store(self, uploaded: UploadedFile, name: str | None, key: str | None, actor: str) -> tuple[bool, bool]:
        """Whether it is new, and whether the key had brought it before."""
        staged = uploaded.staged
        store.stage(self.database, self.settings, staged)
        with self.database.write() as session:
            replayed = key is not None and _is_replay(session, key, staged.id, name)
            is_new = store.commit(session, self.settings, staged, uploaded.format)
            if name is not None:
                _give_name(session, staged.id, name, actor)
        return is_new, replayed

    def _read(self, dataset: str) -> Dataset:
        with self.database.read() as session:
            return datasets.get_dataset(session, dataset)[0]

    def _refusal(self, found: Dataset, is_new: bool) -> Exception:
        """The problem of a file that could not be read at once; a new one is not kept."""
        problem = self.profiler.problem_of(found)
        if is_new:
            try:
                with self.database.write() as session:
                    deleted, place = datasets.delete_dataset(session, found.id, "feedforward")
                garbage_collection.remove(self.database, self.settings, deleted, place)
            except Conflict:
                return problem  # a training took it meanwhile
        return problem


def _is_replay(session: Session, key: str, dataset: str, name: str | None) -> bool:
    """Whether the key was used for these bytes and this name. Raises InvalidInput when it was for others."""
    hold_key(session, key)
    fingerprint = hashlib.sha256(f"{dataset} {name or ''}".encode()).hexdigest()
    idempotency = Idempotency(key, fingerprint)
    if find_made(session, idempotency) is not None:
        return True
    remember(session, idempotency, dataset=dataset)
    return False


def _give_name(session: Session, dataset: str, name: str, actor: str) -> None:
    """Raises Conflict where the same bytes have another name already, or the name other bytes."""
    row = datasets.get_row(session, dataset)
    if row.name not in (None, name):
        raise Conflict(f"These bytes are the dataset `{row.name}` already. Use that name, or rename it by PATCH.")
    datasets.set_name(session, dataset, name, actor)
