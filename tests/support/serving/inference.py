"""Requests of the Open Inference Protocol, put together by hand."""

import json
import struct

HEADER = "Inference-Header-Content-Length"
ROW = struct.pack("<dd", 1.0, 10.0)


def tensor(**changed) -> dict:
    made = {"name": "inputs", "shape": [1, 2], "datatype": "FP64", "data": [1.0, 10.0]} | changed
    return {name: value for name, value in made.items() if value is not None}


def post(serving, model: str, body, headers=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return serving.http.post(f"/v2/models/{model}/infer", content=content, headers=headers or {})


def framed(head: dict, tail: bytes) -> tuple[bytes, dict]:
    written = json.dumps(head).encode()
    return written + tail, {HEADER: str(len(written))}
