"""POST /predict, also with model and version in the path: an ASGI application beside the router, for speed.

The same middleware surrounds it. A plain request (rows for one version and nothing more) is predicted at once; any
other is validated as a whole first. Both get the same response.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from service import media_types
from service.api.http.addresses import find_address
from service.api.http.content_negotiation import choose_offered
from service.api.http.request_body import read_whole
from service.api.prediction.query import extra_columns_of, query_of
from service.api.prediction.table_streams import TableStreams
from service.problems import MethodNotAllowed, NotFound, UnsupportedType
from service.schemas.errors.validation import invalid_input
from service.schemas.prediction import NAME, ExtraColumns, ModelPrediction, PredictionRequest, VersionPrediction
from service.serving.micro_batching import PredictionResponse
from service.serving.prediction_log import SampledVersion
from service.serving.predictor import PlainRequest, Predictor
from service.serving.streams.input_formats import READERS
from service.serving.streams.output_formats import OUTPUT_FORMATS
from service.strict_json import parse_json

JSON = media_types.JSON.encode()
ANY_OR_JSON = {b"*/*", JSON}
# A larger body takes so long to parse that a thread does it.
LARGEST_INLINE_BYTES = 256 * 1024


class PredictApp:
    """Raises problems, which the outermost middleware sends."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._settings = predictor.settings
        self._tables = TableStreams(predictor)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            raise MethodNotAllowed("Method not allowed. Use POST.", headers={"Allow": "POST"})
        headers = scope["state"]["headers"]
        path: str = scope["path"]
        model, reference = (None, None) if path == "/predict" else _names_in(path)
        kind = headers.get(b"content-type")
        if kind != JSON and (table := _table_kind(kind)) is not None:
            await self._tables.answer(table, model, reference, scope, receive, send)
            return
        extra_columns = extra_columns_of(query_of(scope, ("extra_columns",)))
        body = await read_whole(receive)
        request: str = scope["state"]["request_id"]
        accept = headers.get(b"accept")
        media_type = JSON if accept is None or accept in ANY_OR_JSON else _preferred_type(accept)
        plain = None
        if media_type == JSON and len(body) <= LARGEST_INLINE_BYTES and extra_columns == "reject":
            plain = self._predict_plain(body, model, reference, request)
        version, answer = await (plain or self._predict(body, model, reference, media_type, request, extra_columns))
        head = [(b"content-type", media_type), (b"content-length", b"%d" % len(answer)), version.header]
        if isinstance(version, SampledVersion):
            head += version.logged_headers
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": answer})

    def _predict_plain(
        self, body: bytes, model: str | None, reference: str | None, request: str
    ) -> Awaitable[PredictionResponse] | None:
        """None for a request that is not plain."""
        try:
            plain = plain_request(orjson.loads(body), model, reference)
        except orjson.JSONDecodeError:
            return None
        return None if plain is None else self._predictor.predict_plain(plain, request)

    async def _predict(
        self,
        body: bytes,
        model: str | None,
        reference: str | None,
        media_type: bytes,
        request: str,
        extra_columns: ExtraColumns,
    ) -> PredictionResponse:
        if len(body) <= LARGEST_INLINE_BYTES:
            prediction = self._check(body, model, reference)
        else:
            prediction = await self._predictor.in_thread(lambda: self._check(body, model, reference))
        return await self._predictor.predict(*prediction, media_type.decode(), request, extra_columns)

    def _check(self, body: bytes, model: str | None, reference: str | None) -> tuple[str, Any, VersionPrediction]:
        """Model, reference and the validated request. Raises UnreadableBody and InvalidInput."""
        value = parse_json(body, self._settings.max_json_depth)
        shape = PredictionRequest if model is None else ModelPrediction if reference is None else VersionPrediction
        try:
            prediction = shape.model_validate(value)
        except ValidationError as error:
            raise invalid_input(error.errors(include_url=False), ("body",), shape) from None
        if isinstance(prediction, PredictionRequest):
            return prediction.model, prediction.version, prediction
        assert model is not None
        return model, prediction.version if isinstance(prediction, ModelPrediction) else reference, prediction


def plain_request(value: Any, model: str | None, reference: str | None) -> PlainRequest | None:
    """The request if it consists of rows, a model and a version and nothing more, else None."""
    if type(value) is not dict:
        return None
    fields = 1
    if model is None:
        model = value.get("model")
        fields += 1
        if type(model) is not str:
            return None
    if reference is None and "version" in value:
        reference = value["version"]
        fields += 1
        if type(reference) is not str and type(reference) is not int:
            return None
    if fields != len(value):
        return None
    if "inputs" in value:
        return PlainRequest(model, reference, value["inputs"])
    return PlainRequest(model, reference, columns=value["columns"]) if "columns" in value else None


def _preferred_type(accept: bytes) -> bytes:
    """The media type that the client prefers. Raises NotAcceptable."""
    return choose_offered(accept.decode("latin-1"), list(OUTPUT_FORMATS)).encode()


def _names_in(path: str) -> tuple[str, str | None]:
    """The model and the version in a path. Raises NotFound for what can't be a name."""
    match = find_address(path)
    if match is None or not all(map(NAME.match, match.values)):
        raise NotFound("There is no model or version with that name.")
    model, *references = match.values
    return model, references[0] if references else None


def _table_kind(content_type: bytes | None) -> str | None:
    """The type of a table, None for JSON. Raises UnsupportedType. The encoding of CSV is that of its bytes."""
    kind, _, parameters = (content_type or b"").decode("latin-1").lower().partition(";")
    kind = kind.strip()
    if (
        kind not in media_types.CSV_NAMES
        and "charset" in parameters
        and not re.search(r"charset\s*=\s*\"?utf-?8\b", parameters)
    ):
        raise UnsupportedType("Only UTF-8 is supported. Send it with the header Content-Type: application/json.")
    if kind == media_types.JSON:
        return None
    if kind in READERS:
        return kind
    raise UnsupportedType("Send JSON, with the header Content-Type: application/json; or CSV, NDJSON or Arrow.")
