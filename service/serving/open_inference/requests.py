"""An inference request: its input tensors, and the outputs that it requests."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from service.problems import shorten
from service.serving.open_inference.tensors import Tail, Tensor, read_tensor
from service.serving.open_inference.wire_types import BadInference, split_body

# Names of tensors and fields contain the letter a few times.
MOST_LETTERS = 100
SHORT_HEAD = 1024


class RequestedOutput(NamedTuple):
    """`classification` is how many of the likeliest classes replace the numbers; 0 keeps the numbers."""

    name: str
    binary: bool
    classification: int = 0


class InferenceRequest(NamedTuple):
    """`outputs` is empty for all outputs. `raw` is the body of a raw request, which has no inputs yet."""

    id: str | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[RequestedOutput, ...]
    all_binary: bool
    raw: memoryview | None = None

    @property
    def most_rows(self) -> int:
        """An upper limit of the number of rows."""
        if self.raw is not None:
            return len(self.raw)
        return max((tensor.shape[0] for tensor in self.inputs if tensor.shape), default=0)


def read_request(body: bytes, head_length: bytes | None) -> InferenceRequest:
    """Raises BadInference. Unknown fields are ignored, as the protocol requires."""
    head, tail = split_body(body, head_length)
    if tail is not None and not head:
        return InferenceRequest(None, (), (), True, raw=tail)
    value = _read_json(head)
    rest = None if tail is None else Tail(tail)
    inputs = _list(value, "inputs")
    if not inputs:
        raise BadInference("The request must have inputs, a list of tensors.")
    has_booleans = _may_hold(head, b"true", b"u") or _may_hold(head, b"false", b"l")
    tensors = tuple(read_tensor(entry, rest, has_booleans) for entry in inputs)
    if rest is not None:
        rest.check_end()
    _check_unique([tensor.name for tensor in tensors], "input")
    all_binary = _flag(_object(value, "parameters"), "binary_data_output", False)
    outputs = tuple(_requested_output(entry, all_binary) for entry in _list(value, "outputs"))
    _check_unique([output.name for output in outputs], "output")
    return InferenceRequest(_id(value), tensors, outputs, all_binary)


def _may_hold(head: bytes, word: bytes, letter: bytes) -> bool:
    """Whether a word may occur in the JSON, searched by a letter that no list of numbers contains.

    Searching for one letter is ten times as fast as for a word; in short texts the word itself is found at once.
    """
    if len(head) < SHORT_HEAD:
        return word in head
    within, place = word.index(letter), -1
    for _ in range(MOST_LETTERS):
        place = head.find(letter, place + 1)
        if place < 0:
            return False
        if head.startswith(word, place - within):
            return True
    return True


def _read_json(head: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(head)
    except orjson.JSONDecodeError as error:
        raise BadInference(
            f"The request is not JSON: {error.msg} at line {error.lineno} column {error.colno}."
        ) from None
    if not isinstance(value, dict):
        raise BadInference("The request must be a JSON object.")
    return value


def _requested_output(entry: Any, all_binary: bool) -> RequestedOutput:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise BadInference("Each of outputs must be an object with a name.")
    parameters = _object(entry, "parameters")
    classes = parameters.get("classification", 0)
    if type(classes) is not int or classes < 0:
        raise BadInference(f"The classification of output `{shorten(name)}` must be a number of classes.")
    return RequestedOutput(name, _flag(parameters, "binary_data", all_binary), classes)


def _id(value: dict[str, Any]) -> str | None:
    id_ = value.get("id")
    if id_ is not None and not isinstance(id_, str):
        raise BadInference("The id must be a string.")
    return id_


def _flag(parameters: dict[str, Any], name: str, default: bool) -> bool:
    flag = parameters.get(name, default)
    if not isinstance(flag, bool):
        raise BadInference(f"The parameter {name} must be true or false.")
    return flag


def _list(value: dict[str, Any], field: str) -> list[Any]:
    entries = value.get(field)
    if entries is not None and not isinstance(entries, list):
        raise BadInference(f"`{field}` must be a list.")
    return entries or []


def _object(value: dict[str, Any], field: str) -> dict[str, Any]:
    entries = value.get(field)
    if entries is not None and not isinstance(entries, dict):
        raise BadInference(f"`{field}` must be an object.")
    return entries or {}


def _check_unique(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise BadInference(f"The {what} `{shorten(name)}` is given twice.")
