"""Output tensors to bytes: JSON, or a JSON head with a binary tail."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from service.serving.open_inference.outputs import OutputTensor
from service.serving.served_version import ServedVersion

STORED = {"FP64": "<f8", "BOOL": "u1"}


def write_response(version: ServedVersion, id_: str | None, outputs: list[OutputTensor]) -> tuple[bytes, int | None]:
    """The body, and the length of its JSON head where binary tensors follow it."""
    tails = [_binary(output) if output.binary else None for output in outputs]
    response: dict[str, Any] = {"model_name": version.model, "model_version": str(version.number)}
    if id_ is not None:
        response["id"] = id_
    response["outputs"] = [_to_json(output, tail) for output, tail in zip(outputs, tails, strict=True)]
    head = orjson.dumps(response, option=orjson.OPT_SERIALIZE_NUMPY)
    if not any(output.binary for output in outputs):
        return head, None
    return b"".join([head, *(tail for tail in tails if tail is not None)]), len(head)


def _to_json(output: OutputTensor, tail: memoryview | None) -> dict[str, Any]:
    tensor: dict[str, Any] = {"name": output.name, "datatype": output.datatype, "shape": output.shape}
    parameters = output.parameters if tail is None else output.parameters | {"binary_data_size": tail.nbytes}
    if parameters:
        tensor["parameters"] = parameters
    if tail is None:
        tensor["data"] = _listed(output)
    return tensor


def _listed(output: OutputTensor) -> Any:
    if isinstance(output.values, list):
        return output.values
    assert not isinstance(output.values, bytes)  # bytes belong to the binary tail
    return np.ascontiguousarray(output.values).reshape(-1)


def _binary(output: OutputTensor) -> memoryview:
    """The bytes of the binary tail, without a copy where the array allows it."""
    if isinstance(output.values, bytes):
        return memoryview(output.values)
    assert not isinstance(output.values, list)  # lists belong to the JSON head
    return np.ascontiguousarray(output.values, STORED[output.datatype]).data
