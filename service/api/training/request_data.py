"""The body of a training request: its specification as JSON; its data inline, as a file, or as a stored dataset."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.api.http.multipart import receive_form
from service.api.http.uploads import Uploads, receive_small_or_file
from service.datasets.formats.detection import detect_format
from service.datasets.formats.errors import FORM_FILE, INLINE_COLUMNS, INLINE_ROWS
from service.datasets.sandbox.inline_data import (
    SMALL_BODY_BYTES,
    NewData,
    ReceivedTraining,
    read_small,
    without_data,
)
from service.datasets.sandbox.pool import SandboxPool
from service.datasets.storage.uploads import StagedFile, staging_folder
from service.settings import Settings
from service.strict_json import parse_json

EXTRACTION_SECONDS = 60.0
SPECIFICATION = "spec"
_PARTS = {
    "file": {"type": "string", "format": "binary", "description": "CSV, Parquet, NDJSON, JSON or Arrow."},
    SPECIFICATION: {"type": "string", "description": "The JSON above, without `data`."},
}
FORM_SCHEMA = {"type": "object", "required": list(_PARTS), "properties": _PARTS}


def describe_form(specification: str = "{}") -> dict[str, Any]:
    """The form for the OpenAPI document, with an example of its specification."""
    return {"schema": FORM_SCHEMA, "example": {SPECIFICATION: specification}}


async def receive(
    request: Request, settings: Settings, files: Uploads, sandbox: SandboxPool, default: str | None = None
) -> ReceivedTraining:
    """The specification and the data of a request; `default` is the dataset if the body names none.

    Raises the problem of a body that can't be read.
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        await sandbox.warm_up()
        return await _receive_form(request, settings, files)
    body = await receive_small_or_file(request, files, SMALL_BODY_BYTES)
    if isinstance(body, bytes):
        return await run_in_threadpool(read_small, body, settings, default)
    return await _read_large(body, settings, files, sandbox, default)


async def _receive_form(request: Request, settings: Settings, files: Uploads) -> ReceivedTraining:
    form = await receive_form(request, files, (SPECIFICATION,))
    staged = form.file.staged
    format_ = await run_in_threadpool(detect_format, staged.path, form.file.content_type, form.file.name)
    specification = parse_json(form.texts[SPECIFICATION], settings.max_json_depth)
    data = NewData(staged.id, format_, FORM_FILE, staged=staged)
    return ReceivedTraining(specification, ("body", SPECIFICATION), data)


async def _read_large(
    body: StagedFile, settings: Settings, files: Uploads, sandbox: SandboxPool, default: str | None
) -> ReceivedTraining:
    """A sandboxed process splits a large body: its rows become a file, and the rest is returned."""
    target = staging_folder(settings) / f"{body.path.stem}-rows.part"
    extraction = {"ask": "extract", "body": str(body.path), "target": str(target)}
    try:
        extracted = await sandbox.call(extraction, EXTRACTION_SECONDS)
    finally:
        files.take(StagedFile(target, "", 0))
    rest = parse_json(extracted["rest"].encode(), settings.max_json_depth)
    if extracted["id"] is None:
        return without_data(rest, settings, default)
    staged = StagedFile(target, extracted["id"], extracted["bytes"])
    place = INLINE_COLUMNS if extracted["by_column"] else INLINE_ROWS
    return ReceivedTraining(rest, ("body",), NewData(staged.id, "ndjson", place, staged=staged))
