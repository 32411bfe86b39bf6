"""Datasets: uploads, profiles, previews, downloads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import aclosing, asynccontextmanager, closing
from typing import Annotated, Any

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Send

from service.api.datasets.dependencies import DownloadThreads, ServiceProfiler
from service.api.http.addresses import DATASET
from service.api.http.dependencies import (
    DEFAULT_LIMIT,
    Actor,
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    ReadSession,
    ServiceDatabase,
    ServiceSettings,
    WriteSession,
)
from service.api.http.etags import etag
from service.api.http.multipart import receive_form
from service.api.http.request_body import BINARY, describe_body
from service.api.http.routing import resource_router
from service.api.http.uploads import Uploads, receive_file, uploads
from service.datasets.formats.detection import detect_format
from service.datasets.storage import garbage_collection, store
from service.datasets.upload import DatasetUpload, UploadedFile
from service.media_types import FORM, OF_DATASETS
from service.problems import InvalidInput, Problem, input_error
from service.registry import datasets
from service.registry.database import Database
from service.schemas.dataset import Dataset, DatasetRename, DatasetRows
from service.schemas.names import DatasetName
from service.schemas.strict import Page
from service.schemas.training import DATASET_PATTERN
from service.settings import Settings

logger = structlog.get_logger()


@asynccontextmanager
async def _storage_lifespan(app: Any) -> AsyncIterator[None]:
    """Removes the files of interrupted uploads at the start; ends the sandboxed processes at the end."""
    sweep = asyncio.create_task(run_in_threadpool(_sweep, app.state.database, app.state.settings))
    yield
    await asyncio.wait([sweep])
    if hasattr(app.state, "sandbox"):
        await app.state.sandbox.close()


def _sweep(database: Database, settings: Settings) -> None:
    try:
        garbage_collection.sweep(database, settings)
    except Problem as problem:
        logger.warning("files of interrupted uploads were not removed", why=problem.detail)


router = resource_router("Datasets")
router.lifespan_context = _storage_lifespan

Reference = Annotated[str, Path(pattern=DATASET_PATTERN, description="The name of a dataset or its `sha256:…`.")]
NameQuery = Annotated[DatasetName | None, Query(description="A name for the dataset.")]
FirstRow = Annotated[int, Query(ge=0, le=2**53, description="How many rows to skip.")]
LONGEST_PROFILE_WAIT_SECONDS = 1.0
FILE_FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": BINARY["schema"]}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": Dataset, "description": "The same bytes were already stored as a dataset."},
    201: {"model": Dataset, "description": "The dataset with its profile."},
    202: {"model": Dataset, "description": "The dataset is stored, but its profile takes longer: poll its Location."},
}


@router.post(
    "/datasets",
    status_code=201,
    summary="Upload a dataset",
    responses=RESPONSES,
    openapi_extra=describe_body(DATASET, form=FILE_FORM),
)
async def upload_dataset(
    request: Request,
    response: Response,
    settings: ServiceSettings,
    database: ServiceDatabase,
    profiler: ServiceProfiler,
    actor: Actor,
    name: NameQuery = None,
    idempotency_key: IdempotencyKey = None,
) -> Dataset:
    """Store a CSV, Parquet, NDJSON, JSON or Arrow file and profile its columns.

    The file is streamed. Its id is the SHA-256 of its bytes, so the same bytes sent twice are one dataset.
    """
    actor.require("train")
    upload = DatasetUpload(settings, database, profiler)
    await profiler.sandbox.warm_up()
    async with uploads(settings) as files:
        result = await upload.store(await _receive(request, files), name, idempotency_key, actor.name)
    if result.dataset.state == "profiling":
        response.status_code = 202
    elif not result.is_new and not result.replayed:
        response.status_code = 200
    response.headers["Location"] = f"/datasets/{result.dataset.id}"
    if result.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return result.dataset


async def _receive(request: Request, files: Uploads) -> UploadedFile:
    """The body, or the part `file` of a form, on the disk. Raises UnsupportedType and UnreadableBody."""
    content_type, name = request.headers.get("content-type"), None
    if (content_type or "").lower().startswith(FORM):
        file = (await receive_form(request, files, ())).file
        staged, content_type, name = file.staged, file.content_type, file.name
    else:
        staged = await receive_file(request, files)
    if not staged.bytes:
        raise InvalidInput("The file is empty.", errors=[input_error(["body"], "empty", "send at least one row")])
    return UploadedFile(staged, await run_in_threadpool(detect_format, staged.path, content_type, name))


@router.get("/datasets", summary="List datasets")
def list_datasets(
    session: ReadSession, actor: Actor, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Dataset]:
    """The datasets, newest first, without their profiles."""
    actor.require("read")
    return datasets.list_datasets(session, limit, cursor)


@router.get("/datasets/{reference}", summary="Get a dataset")
async def get_dataset(
    reference: Reference, database: ServiceDatabase, profiler: ServiceProfiler, actor: Actor, response: Response
) -> Dataset:
    """One dataset with the profile of each column; `state` is `profiling` until the profile is complete."""
    actor.require("read")
    dataset, revision = await run_in_threadpool(_read, database, reference)
    if dataset.state == "profiling":
        await profiler.profile(dataset.id, LONGEST_PROFILE_WAIT_SECONDS)
        dataset, revision = await run_in_threadpool(_read, database, dataset.id)
    response.headers["ETag"] = etag(revision)
    return dataset


@router.get("/datasets/{reference}/rows", summary="Preview a dataset")
async def get_rows(
    reference: Reference,
    database: ServiceDatabase,
    profiler: ServiceProfiler,
    actor: Actor,
    limit: Limit = DEFAULT_LIMIT,
    offset: FirstRow = 0,
) -> DatasetRows:
    """A page of rows, as they were read and in the order of the file."""
    actor.require("read")
    dataset, _ = await run_in_threadpool(_read, database, reference)
    return await profiler.preview(dataset, offset, limit)


@router.get(
    "/datasets/{reference}/content",
    summary="Download a dataset",
    response_class=StreamingResponse,
    responses={200: {"content": dict.fromkeys(OF_DATASETS.values(), BINARY)}},
)
def get_content(
    reference: Reference,
    database: ServiceDatabase,
    settings: ServiceSettings,
    actor: Actor,
    threads: DownloadThreads,
) -> Response:
    """The bytes as they were received, verified against their digest while they are sent."""
    actor.require("read")
    dataset, _ = _read(database, reference)
    headers = {
        "Content-Type": OF_DATASETS[dataset.format],  # its charset is unknown
        "Content-Length": str(dataset.bytes),
        "Content-Disposition": f'attachment; filename="{dataset.name or dataset.id[7:23]}.{dataset.format}"',
        "ETag": f'"{dataset.id}"',
    }
    pieces = store.stream(database, settings, dataset.id)
    return ClosingResponse(_in_threads(pieces, threads), headers=headers)


class ClosingResponse(StreamingResponse):
    """Closes the generator of its content at its end, also where the client has left before."""

    body_iterator: AsyncGenerator[bytes]

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self.body_iterator):
            await super().stream_response(send)


async def _in_threads(pieces: Generator[bytes], threads: CapacityLimiter) -> AsyncGenerator[bytes]:
    with closing(pieces):
        while piece := await to_thread.run_sync(next, pieces, b"", limiter=threads):
            yield piece


@router.patch("/datasets/{reference}", summary="Name a dataset")
def rename_dataset(
    reference: Reference,
    rename: DatasetRename,
    session: WriteSession,
    actor: Actor,
    expected: IfMatch,
    response: Response,
) -> Dataset:
    """Set or change the name; null removes it. 409 if another dataset has that name."""
    actor.require("manage")
    digest = datasets.get_row(session, reference).id
    datasets.set_name(session, digest, rename.name, actor.name, expected)
    dataset, revision = datasets.get_dataset(session, digest)
    response.headers["ETag"] = etag(revision)
    return dataset


@router.delete("/datasets/{reference}", status_code=204, summary="Delete a dataset")
def delete_dataset(
    reference: Reference, database: ServiceDatabase, settings: ServiceSettings, actor: Actor, expected: IfMatch
) -> None:
    """Delete the dataset with its bytes. 409 while a version was trained on it or a job needs it."""
    actor.require("manage")
    with database.write() as session:
        deleted, place = datasets.delete_dataset(session, reference, actor.name, expected)
    garbage_collection.remove(database, settings, deleted, place)


def _read(database: Database, reference: str) -> tuple[Dataset, int]:
    with database.read() as session:
        return datasets.get_dataset(session, reference)
