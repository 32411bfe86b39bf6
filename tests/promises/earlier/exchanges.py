"""Requests with the answers that they were given, as they are recorded and sent again."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import httpx

Exchange = dict[str, Any]
JSON = {"Content-Type": "application/json"}


def ask(http: httpx.Client, request: Mapping[str, Any]) -> Exchange:
    """Send a request (`method`, `path`, and where it has any `headers` and `body`); returns it with its answer."""
    response = http.request(
        request["method"], request["path"], headers=request.get("headers"), content=request.get("body")
    )
    kind = response.headers.get("Content-Type", "")
    return dict(request) | {"status": response.status_code, "type": kind, "answer": _content(response, kind)}


def _content(response: httpx.Response, kind: str) -> Any:
    """JSON and text as they are; of anything else the digest."""
    if "json" in kind and "ndjson" not in kind:
        return response.json()
    is_text = kind.startswith("text/") or "ndjson" in kind
    return response.text if is_text else hashlib.sha256(response.content).hexdigest()


def get(path: str, **headers: str) -> Exchange:
    return {"method": "GET", "path": path} | ({"headers": headers} if headers else {})


def post(path: str, body: Any, **headers: str) -> Exchange:
    return {"method": "POST", "path": path, "headers": JSON | headers, "body": json.dumps(body)}


def post_csv(path: str, rows: list[dict[str, Any]]) -> Exchange:
    """The rows as CSV, to be answered as CSV; None is an empty cell."""
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    body = "".join(",".join(line) + "\n" for line in lines)
    return {"method": "POST", "path": path, "headers": {"Content-Type": "text/csv", "Accept": "text/csv"}, "body": body}


def post_tensors(path: str, rows: list[dict[str, Any]]) -> Exchange:
    """The rows as the Open Inference Protocol's tensors, an input for each feature."""
    inputs = [_tensor(name, [row[name] for row in rows]) for name in rows[0]]
    return post(path, {"inputs": inputs})


def _tensor(name: str, values: list[Any]) -> dict[str, Any]:
    datatype = {str: "BYTES", bool: "BOOL"}.get(type(values[0]), "FP64")
    return {"name": name, "datatype": datatype, "shape": [len(values), 1], "data": values}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
