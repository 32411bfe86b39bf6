"""What asks for a training brings: its specification as JSON, its data inline, as a file, or as a stored dataset."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.api.bodies import parse_json
from service.api.forms import receive_form
from service.api.uploads import Uploads, receive_small_or_file
from service.datasets.examiner import Examiner
from service.datasets.extracting import InlineData, read_inline
from service.datasets.faults import FORM_FILE, INLINE_COLUMNS, INLINE_ROWS, Place
from service.datasets.formats import detect_format
from service.datasets.incoming import Incoming, incoming_folder
from service.datasets.json_tables import Columns, canonical_ndjson
from service.datasets.limits import Limits
from service.problems import InvalidInput, Location, TooLarge, input_error
from service.schemas.training import DATASET_PATTERN
from service.settings import Settings

SMALL_BODY_BYTES = 256 * 1024
MOST_WRITTEN_BYTES = 16 * 1024 * 1024
EXTRACTION_SECONDS = 60.0
SPECIFICATION = "spec"


@dataclass(frozen=True)
class NewData:
    """Data that came with the request. Few rows are `columns` and `content`; anything else is a temporary file."""

    id: str
    format: str
    place: Place
    columns: Columns | None = None
    content: bytes = b""
    incoming: Incoming | None = None


@dataclass(frozen=True)
class Received:
    """A specification that was not looked at yet, where it stood, and the data: new, or the reference of a dataset."""

    specification: Any
    root: Location
    data: NewData | str


async def receive(
    request: Request, settings: Settings, kept: Uploads, examiner: Examiner, default: str | None = None
) -> Received:
    """`default` is the dataset of a body that names no data. Raises the problem of a body that can't be read."""
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        await examiner.warm_up()
        return await _receive_form(request, settings, kept)
    body = await receive_small_or_file(request, kept, SMALL_BODY_BYTES)
    if isinstance(body, bytes):
        return await run_in_threadpool(read_small, body, settings, default)
    return await _read_large(body, settings, kept, examiner, default)


async def _receive_form(request: Request, settings: Settings, kept: Uploads) -> Received:
    form = await receive_form(request, kept, (SPECIFICATION,))
    incoming = form.file.incoming
    format_ = await run_in_threadpool(detect_format, incoming.path, form.file.content_type, form.file.name)
    specification = parse_json(form.texts[SPECIFICATION], settings.max_json_depth)
    data = NewData(incoming.id, format_, FORM_FILE, incoming=incoming)
    return Received(specification, ("body", SPECIFICATION), data)


def read_small(body: bytes, settings: Settings, default: str | None = None) -> Received:
    """A body that is small enough to be parsed in this process."""
    if not body and default is not None:
        return Received({}, ("body",), default)
    return _without_data(parse_json(body, settings.max_json_depth), settings, default)


def _without_data(value: Any, settings: Settings, default: str | None) -> Received:
    if type(value) is not dict:
        raise _no_object()
    if "data" not in value and default is not None:
        return Received(value, ("body",), default)
    inline = read_inline(value.get("data"), Limits.of(settings))
    if inline is None:
        return Received(value, ("body",), read_reference(value.pop("data", None)))
    del value["data"]
    return Received(value, ("body",), _inline(inline))


def _inline(inline: InlineData) -> NewData:
    _check_written_size(inline.columns)
    content = b"".join(canonical_ndjson(inline.columns))
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return NewData(digest, "ndjson", inline.place, columns=inline.columns, content=content)


def _check_written_size(columns: Columns) -> None:
    """As rows each name is written again and again: long names make much of little."""
    n_rows = len(next(iter(columns.values())))
    size = n_rows * sum(len(name) for name in columns)
    if size > MOST_WRITTEN_BYTES:
        raise TooLarge(
            f"The names of the columns are so long that {n_rows:,} rows are over {MOST_WRITTEN_BYTES:,} bytes."
        )


async def _read_large(
    body: Incoming, settings: Settings, kept: Uploads, examiner: Examiner, default: str | None
) -> Received:
    """A large body is taken apart by the child process: its rows become a file, the rest comes back."""
    target = incoming_folder(settings) / f"{body.path.stem}-rows.part"
    question = {"ask": "extract", "body": str(body.path), "target": str(target)}
    try:
        extracted = await examiner.ask(question, EXTRACTION_SECONDS)
    finally:
        kept.take(Incoming(target, "", 0))
    rest = parse_json(extracted["rest"].encode(), settings.max_json_depth)
    if extracted["id"] is None:
        return _without_data(rest, settings, default)
    incoming = Incoming(target, extracted["id"], extracted["bytes"])
    place = INLINE_COLUMNS if extracted["by_column"] else INLINE_ROWS
    return Received(rest, ("body",), NewData(incoming.id, "ndjson", place, incoming=incoming))


def read_reference(data: Any) -> str:
    """The dataset that `{"dataset": …}` names. Raises InvalidInput for anything else."""
    if data is None:
        raise _bad_data([], "missing", 'this is required: {"rows": […]}, {"columns": {…}} or {"dataset": "…"}')
    if type(data) is not dict or set(data) != {"dataset"}:
        raise _bad_data([], "invalid", 'this should be one of {"rows": […]}, {"columns": {…}} and {"dataset": "…"}')
    reference = data["dataset"]
    if type(reference) is not str or not re.fullmatch(DATASET_PATTERN, reference):
        raise _bad_data(["dataset"], "invalid", "this should be the name of a dataset or its sha256:…")
    return reference


def _bad_data(inside: list[str], code: str, message: str) -> InvalidInput:
    return InvalidInput(f"data: {message}.", errors=[input_error(["body", "data", *inside], code, message)])


def _no_object() -> InvalidInput:
    message = "this must be a JSON object"
    return InvalidInput("The body must be a JSON object.", errors=[input_error(["body"], "object_type", message)])


def fingerprint_of(specification: Any, data: str) -> str:
    """One digest of what was asked: the same for the same request, however its JSON or its form was written."""
    canonical = orjson.dumps([specification, data], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()
