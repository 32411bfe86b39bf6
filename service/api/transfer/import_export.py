"""Export and import of versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from service.api.datasets.dependencies import ServiceSandbox
from service.api.http.dependencies import (
    Actor,
    IdempotencyKey,
    IfNoneMatch,
    ReadSession,
    ServiceDatabase,
    ServiceSettings,
)
from service.api.http.request_body import BINARY
from service.api.http.routing import resource_router
from service.api.http.uploads import Uploads, receive_file, uploads
from service.api.transfer.import_schema import IMPORT_BODY
from service.datasets.sandbox.pool import SandboxPool
from service.datasets.storage.uploads import PIECE_BYTES, disk_as_problem, write_staged
from service.media_types import ZIP
from service.schemas.names import AliasName, ModelName, Name, VersionReference
from service.schemas.registry import Version
from service.transfer.export import export
from service.transfer.version_import import ImportedFile, VersionImport, check_media_type, detect_format

router = resource_router("Versions")
AliasQuery = Annotated[AliasName | None, Query(description="An alias to point at the new version.")]
VERSION_HEADERS = {
    "Location": {"description": "The version's address.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "`true` if an earlier request with this key imported the version.",
        "schema": {"type": "string"},
    },
}


@router.get(
    "/models/{name}/versions/{ref}/export",
    summary="Export a version",
    response_class=Response,
    responses={
        200: {"content": {ZIP: BINARY}},
        304: {"description": "The file has not changed since the ETag in If-None-Match."},
    },
)
def export_version(
    name: Name, ref: VersionReference, session: ReadSession, actor: Actor, if_none_match: IfNoneMatch = None
) -> Response:
    """The complete version as a zip archive, to import elsewhere or to read with any program."""
    actor.require("read", model=name)
    archive = export(session, name, ref)
    number = archive.version.version
    headers = {
        "ETag": f'"{hashlib.sha256(archive.content).hexdigest()}"',
        "Content-Disposition": f'attachment; filename="{name}-{number}.zip"',
        "Feedforward-Version": f"{name}/{number}",
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(len(archive.content))
    return StreamingResponse(pieces_of(archive.content), media_type=ZIP, headers=headers)


def pieces_of(content: memoryview) -> Iterator[bytes]:
    """The content in pieces, since sending a large file at once would block the event loop."""
    for start in range(0, len(content), PIECE_BYTES):
        yield bytes(content[start : start + PIECE_BYTES])


@router.post(
    "/models/{name}/versions",
    status_code=201,
    summary="Import a version",
    responses={201: {"headers": VERSION_HEADERS, "description": "The new version."}},
    openapi_extra=IMPORT_BODY,
)
async def import_version(
    name: ModelName,
    request: Request,
    response: Response,
    settings: ServiceSettings,
    database: ServiceDatabase,
    sandbox: ServiceSandbox,
    actor: Actor,
    alias: AliasQuery = None,
    idempotency_key: IdempotencyKey = None,
) -> Version:
    """Register an exported version, or a network trained elsewhere, under the model's next number.

    A missing model is created. A version that is exported and imported predicts the same bits.
    """
    actor.require("train", model=name)
    if alias is not None:
        actor.require("manage", model=name)
    version_import = VersionImport(settings, database, sandbox, actor.name)
    async with uploads(settings) as files:
        file = await _receive(request, files, sandbox)
        weights = files.take(await run_in_threadpool(write_staged, settings, b""))
        with disk_as_problem():
            imported = await version_import.read(file, weights.path)
        version, replayed = await run_in_threadpool(version_import.register, name, alias, imported, idempotency_key)
    response.headers["Location"] = version.links["self"]
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return version


async def _receive(request: Request, files: Uploads, sandbox: SandboxPool) -> ImportedFile:
    """The body as a file. Raises UnsupportedType unless its media type is that of a version's format."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    check_media_type(media_type)
    await sandbox.warm_up()
    staged = await receive_file(request, files)
    with disk_as_problem():
        return ImportedFile(staged.path, staged.id, await run_in_threadpool(detect_format, staged.path, media_type))
