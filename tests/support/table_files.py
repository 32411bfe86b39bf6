"""Tables as bytes of every format, and requests that send them."""

import io
import json

import httpx
import pyarrow as pa
from pyarrow import parquet

ROWS = [{"size": index * 0.5, "color": ("red", "green", "blue")[index % 3]} for index in range(60)]


def csv_of(rows: list[dict], separator: str = ",") -> bytes:
    lines = [separator.join(rows[0])] + [separator.join(map(str, row.values())) for row in rows]
    return "\n".join(lines).encode() + b"\n"


def ndjson_of(rows: list[dict]) -> bytes:
    return b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)


def parquet_of(table: pa.Table, **options) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink, **options)
    return sink.getvalue()


def arrow_of(table: pa.Table, kind: str = "stream") -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) if kind == "stream" else pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def send_file(http: httpx.Client, specification: dict, content: bytes, file_name: str = "data.csv", **options):
    """POST /train as a form."""
    return http.post(
        "/train", data={"spec": json.dumps(specification)}, files={"file": (file_name, content)}, **options
    )


def fault_of(answer: httpx.Response, status: int) -> dict:
    """The problem document of a response that must have this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()
