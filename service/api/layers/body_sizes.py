"""How large a body each address takes, and the setting that raises it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from service.settings import MEBIBYTE, Settings

SMALL_BODY_BYTES = MEBIBYTE

_PREDICT = re.compile(r"/v2(/.*)?|/(.+/)?predict")
_TRAIN = re.compile(r"/train|/models/[^/]+/(compare|versions/[^/]+/(retrain|evaluate|batch))")
_IMPORT = re.compile(r"/models/[^/]+/versions")

Limit = tuple[int, str]
JSON = b"application/json"
# These are predicted as they come, so their length costs no memory.
STREAMED = {
    b"text/csv",
    b"application/vnd.apache.arrow.stream",
    b"application/x-ndjson",
    b"application/ndjson",
    b"application/jsonl",
}
ANY_LENGTH: Limit = (2**62, "")


class Sizes:
    def __init__(self, settings: Settings) -> None:
        self._predict = settings.max_predict_bytes, "FEEDFORWARD_MAX_PREDICT_BYTES"
        self._train = settings.max_train_bytes, "FEEDFORWARD_MAX_TRAIN_BYTES"
        self._upload = settings.max_upload_bytes, "FEEDFORWARD_MAX_UPLOAD_BYTES"
        self._import = settings.max_import_bytes, "FEEDFORWARD_MAX_IMPORT_BYTES"

    def of(self, path: str, headers: Mapping[bytes, bytes]) -> Limit:
        if path == "/predict" or _PREDICT.fullmatch(path):
            kind = headers.get(b"content-type")
            return ANY_LENGTH if kind != JSON and _is_streamed(kind) and path.endswith("/predict") else self._predict
        is_training = _TRAIN.fullmatch(path) is not None
        if path == "/datasets" or (is_training and _is_form(headers)):
            return self._upload
        if _IMPORT.fullmatch(path):
            return self._import
        return self._train if is_training else (SMALL_BODY_BYTES, "")


def _is_streamed(kind: bytes | None) -> bool:
    return kind is not None and kind.split(b";")[0].strip().lower() in STREAMED


def _is_form(headers: Mapping[bytes, bytes]) -> bool:
    return headers.get(b"content-type", b"").lower().startswith(b"multipart/")
