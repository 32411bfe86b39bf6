"""Requests of the Open Inference Protocol, written by hand."""

import json
import struct

HEADER = "Inference-Header-Content-Length"
ROW = struct.pack("<dd", 1.0, 10.0)


def tensor(**changes) -> dict:
    fields = {"name": "inputs", "shape": [1, 2], "datatype": "FP64", "data": [1.0, 10.0]} | changes
    return {name: value for name, value in fields.items() if value is not None}


def post(serving, model: str, body, headers=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return serving.http.post(f"/v2/models/{model}/infer", content=content, headers=headers or {})


def framed(head: dict, tail: bytes) -> tuple[bytes, dict]:
    content = json.dumps(head).encode()
    return content + tail, {HEADER: str(len(content))}
