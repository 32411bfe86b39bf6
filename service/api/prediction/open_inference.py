"""The Open Inference Protocol (V2) over HTTP. Its errors are `{"error": …}`, which the outermost layer writes."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs
from weakref import WeakKeyDictionary

import orjson
from starlette.types import Receive, Scope, Send

from service.api.http.request_body import read_whole, too_large
from service.api.middleware.decompression import decompressed
from service.api.prediction.predict import LARGEST_INLINE_BYTES
from service.api.prediction.query import CHOICES, EXTRA_COLUMNS, extra_columns_of
from service.media_types import JSON, OCTET_STREAM
from service.problems import MethodNotAllowed, NotFound, shorten
from service.schemas.prediction import NAME, ExtraColumns
from service.serving.open_inference.inference import infer, infer_unrecorded, infer_up_to
from service.serving.open_inference.metadata import model_configuration, model_metadata, server_metadata
from service.serving.open_inference.outputs import VersionTensors
from service.serving.open_inference.repository import Repository, wants_ready
from service.serving.open_inference.statistics import Statistics
from service.serving.open_inference.wire_types import HEADER, BadInference
from service.serving.prediction_log import SampledVersion
from service.serving.predictor import Predictor
from service.serving.served_version import ServedVersion
from service.strict_json import parse_json

RELEASE = "0.1.0"
SETTING = "FEEDFORWARD_MAX_PREDICT_BYTES"
HEAD_LENGTH = HEADER.lower().encode()
SMALLEST_COMPRESSED = 1024
JSON_TYPE = (b"content-type", JSON.encode())
BINARY_TYPE = (b"content-type", OCTET_STREAM.encode())
Headers = list[tuple[bytes, bytes]]
InferenceResponse = tuple[Any, Headers]
UNSUPPORTED = re.compile(r"/v2/(logging|trace/setting|models/[^/]+/trace/setting|(system|cuda)sharedmemory(/.*)?)")
MODEL = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?(?:/(ready|infer|config|stats))?")
REPOSITORY = re.compile(r"/v2/repository/models/([^/]+)/(load|unload)")


class V2App:
    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._repository = Repository(predictor, predictor.database)
        self._statistics = Statistics()
        self._tensors: WeakKeyDictionary[ServedVersion, VersionTensors] = WeakKeyDictionary()
        self._fixed: dict[str, tuple[str, Callable[[Scope, Receive], Awaitable[Any]]]] = {
            "/v2": ("GET", self._server),
            "/v2/": ("GET", self._server),
            "/v2/health/live": ("GET", self._live),
            "/v2/health/ready": ("GET", self._ready),
            "/v2/models/stats": ("GET", self._all_statistics),
            "/v2/repository/index": ("POST", self._index),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        body, headers = await self._answer(path if path == "/v2/" else path.rstrip("/"), scope, receive)
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        if len(content) >= SMALLEST_COMPRESSED:
            content = await self._compressed(content, scope, headers)
        headers.append((b"content-length", b"%d" % len(content)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, path: str, scope: Scope, receive: Receive) -> InferenceResponse:
        if (fixed := self._fixed.get(path)) is not None:
            method, work = fixed
            _require(scope, method)
            return await work(scope, receive), [JSON_TYPE]
        if match := MODEL.fullmatch(path):
            model, reference = _checked_name(match[1]), None if match[2] is None else _checked_name(match[2])
            if match[3] == "infer":
                return await self._infer(model, reference, scope, receive)
            _require(scope, "GET")
            return await self._about(model, reference, match[3]), [JSON_TYPE]
        if UNSUPPORTED.fullmatch(path):
            raise BadInference("This server does not support that setting or shared memory.")
        if match := REPOSITORY.fullmatch(path):
            _require(scope, "POST")
            await _read_decompressed(scope, receive, self._predictor.settings.max_predict_bytes)
            change = self._repository.load if match[2] == "load" else self._repository.unload
            await change(_checked_name(match[1]))
            return {}, [JSON_TYPE]
        raise NotFound(f"Nothing exists at {shorten(path)}.")

    async def _server(self, scope: Scope, receive: Receive) -> Any:
        return server_metadata(RELEASE)

    async def _live(self, scope: Scope, receive: Receive) -> Any:
        return {"live": True}

    async def _ready(self, scope: Scope, receive: Receive) -> Any:
        await self._predictor.check_database()
        return {"live": True, "ready": True}

    async def _all_statistics(self, scope: Scope, receive: Receive) -> Any:
        return self._statistics.to_json()

    async def _index(self, scope: Scope, receive: Receive) -> Any:
        body = await _read_decompressed(scope, receive, self._predictor.settings.max_predict_bytes)
        return await self._repository.index(wants_ready(parse_json(body) if body.strip() else None))

    async def _about(self, model: str, reference: str | None, what: str | None) -> Any:
        version = await self._predictor.find_version(model, reference)
        if what == "ready":
            return {"name": model, "ready": True}
        if what == "config":
            return model_configuration(version)
        if what == "stats":
            self._statistics.of(model, version.number)
            return self._statistics.to_json(model, None if reference is None else version.number)
        return model_metadata(version, await self._repository.numbers(model))

    async def _infer(self, model: str, reference: str | None, scope: Scope, receive: Receive) -> InferenceResponse:
        _require(scope, "POST")
        body = await _read_decompressed(scope, receive, self._predictor.settings.max_predict_bytes)
        extra_columns = _extra_columns_of(scope)
        version = self._predictor.turn.find_loaded(model, reference)
        if version is not None:
            version = version.with_extra_columns(extra_columns)
        else:
            request: str = scope["state"]["request_id"]
            version = await self._predictor.find_version(model, reference, request=request, extra_columns=extra_columns)
        head_length = scope["state"]["headers"].get(HEAD_LENGTH)
        inputs = self._tensors_of(version), body, head_length, self._statistics.of(model, version.number)
        inferred = infer_up_to(*inputs, version.most_rows_in_turn) if len(body) <= LARGEST_INLINE_BYTES else None
        if inferred is None:
            inferred = await self._predictor.in_thread(partial(infer, *inputs))
        return inferred[0], _headers_of(version, inferred[1])

    def infer_inline(self, version: ServedVersion, body: bytes, head_length: bytes | None) -> InferenceResponse | None:
        """The response if it takes little time, else None. Raises BadInference and InvalidInput."""
        statistics = self._statistics.of(version.model, version.number)
        inferred = infer_unrecorded(self._tensors_of(version), body, head_length, statistics, version.most_rows_in_turn)
        return None if inferred is None else (inferred[0], _headers_of(version, inferred[1]))

    def _tensors_of(self, version: ServedVersion) -> VersionTensors:
        tensors = self._tensors.get(version)
        if tensors is None:
            tensors = self._tensors[version] = VersionTensors(version)
        return tensors

    async def _compressed(self, content: bytes, scope: Scope, headers: Headers) -> bytes:
        """Where the client asks and it is worth it. The head's length stays that of the plain JSON."""
        accepted = scope["state"]["headers"].get(b"accept-encoding", b"").lower()
        encoding = b"gzip" if b"gzip" in accepted else b"deflate" if b"deflate" in accepted else None
        if encoding is None:
            return content
        headers.append((b"content-encoding", encoding))
        compress = partial(gzip.compress, compresslevel=1) if encoding == b"gzip" else partial(zlib.compress, level=1)
        return await self._predictor.in_thread(lambda: compress(content))


def _extra_columns_of(scope: Scope) -> ExtraColumns:
    """What to do with inputs that the training table never had. Raises BadInference."""
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    sent = ", ".join(query.get(EXTRA_COLUMNS, ["reject"]))
    if sent not in CHOICES:
        raise BadInference(f"extra_columns is `ignore` or `reject`, not {shorten(sent, 40)!r}.")
    return extra_columns_of({EXTRA_COLUMNS: sent})


async def _read_decompressed(scope: Scope, receive: Receive, limit_bytes: int) -> bytes:
    """The whole body, decompressed. Raises TooLarge, UnsupportedType, UnreadableBody and ClientLeft."""
    plain = receive
    if b"content-encoding" in scope["state"]["headers"]:
        plain = decompressed(scope, receive, limit_bytes, lambda: too_large(limit_bytes, SETTING))
    return await read_whole(plain)


def _headers_of(version: ServedVersion, head: int | None) -> Headers:
    """`head` is the length of the JSON before a binary tail."""
    headers = [version.header, *(version.logged_headers if isinstance(version, SampledVersion) else [])]
    return [*headers, JSON_TYPE] if head is None else [*headers, BINARY_TYPE, (HEAD_LENGTH, b"%d" % head)]


def _require(scope: Scope, method: str) -> None:
    if scope["method"] != method:
        raise MethodNotAllowed(f"Method not allowed. Use {method}.", headers={"Allow": method})


def _checked_name(name: str) -> str:
    """A name that may be one of the registry. Raises NotFound."""
    if not NAME.match(name):
        raise NotFound(f"There is no model or version {shorten(name, 40)!r}.")
    return name
