"""The same flowers in each format that a contestant accepts."""

from __future__ import annotations

import json
import struct

from _predict.load import Request

NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
JSON = {"Content-Type": "application/json"}


def flowers(count: int) -> list[list[float]]:
    return [[4.5 + k % 30 / 10, 2.2 + k % 20 / 10, 1.2 + k % 50 / 10, 0.2 + k % 22 / 10] for k in range(count)]


def objects(count: int, reference: str = "latest") -> Request:
    inputs = [dict(zip(NAMES, row, strict=True)) for row in flowers(count)]
    return _json("/predict", {"model": "iris", "version": reference, "inputs": inputs})


def lists(count: int) -> Request:
    return _json("/predict", {"model": "iris", "version": "latest", "inputs": flowers(count)})


def columns(count: int) -> Request:
    values = dict(zip(NAMES, map(list, zip(*flowers(count), strict=True)), strict=True))
    return _json("/predict", {"model": "iris", "version": "latest", "columns": values})


def v2_json(count: int, name: str = "inputs") -> Request:
    flat = [value for row in flowers(count) for value in row]
    tensor = {"name": name, "shape": [count, 4], "datatype": "FP64", "data": flat}
    return _json("/v2/models/iris/infer", {"inputs": [tensor]})


def v2_binary(count: int) -> Request:
    flat = [value for row in flowers(count) for value in row]
    tensor = {"name": "inputs", "shape": [count, 4], "datatype": "FP64", "parameters": {"binary_data_size": 32 * count}}
    head = json.dumps({"inputs": [tensor], "outputs": [{"name": "probabilities", "parameters": {"binary_data": True}}]})
    headers = {"Inference-Header-Content-Length": str(len(head)), "Content-Type": "application/octet-stream"}
    return Request("/v2/models/iris/infer", head.encode() + struct.pack(f"<{4 * count}d", *flat), headers)


def bare_lists(count: int, path: str = "/predict") -> Request:
    """Rows as lists, for peers that serve one model and need no name."""
    return _json(path, {"inputs": flowers(count)})


def _json(path: str, value: object) -> Request:
    return Request(path, json.dumps(value).encode(), JSON)
