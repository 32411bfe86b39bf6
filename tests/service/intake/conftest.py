"""Tables as bytes of every format, names of the test's own, and the reader with default limits."""

import io
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from models.data.columns import Table
from service.datasets.formats.detection import detect_format
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import read_table
from service.settings import Settings

ROWS = [{"size": index * 0.5, "color": ("red", "green", "blue")[index % 3]} for index in range(60)]


@pytest.fixture
def name() -> str:
    """A name of this test's own, for a model or a dataset."""
    return f"m-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def limits() -> Limits:
    return Limits.of(Settings())


@pytest.fixture
def read(tmp_path: Path, limits: Limits) -> Callable[..., Table]:
    """`read(content, overrides)` is the table in the bytes."""

    def read(content: bytes, overrides=None, *, content_type: str | None = None, file_name: str | None = None) -> Table:
        path = tmp_path / uuid.uuid4().hex
        path.write_bytes(content)
        return read_table(path, detect_format(path, content_type, file_name), overrides or {}, limits)

    return read


@pytest.fixture
def specification(name: str) -> dict:
    """Two epochs on small rows."""
    return {"model": name, "label": "color", "network": {"hidden": [4]}, "training": {"epochs": 2, "seed": 1}}


@pytest.fixture
def inline(specification: dict) -> dict:
    return {**specification, "data": {"rows": ROWS}}


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
    """The problem document of an answer that must be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()
