"""Files and bodies that are made to break their reader: refused with the limit named, and the service goes on."""

import gzip
import json
import os
import signal
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pytest
from backports import zstd

from tests.support.launching import start_up
from tests.support.long_trainings import wait_until
from tests.support.service import Service
from tests.support.table_files import ROWS, csv_of, fault_of, parquet_of, send_file

CSV = {"Content-Type": "text/csv"}
PARQUET = {"Content-Type": "application/vnd.apache.parquet"}


def gzip_bomb(megabytes: int) -> bytes:
    squeeze = zlib.compressobj(9, wbits=31)
    piece = b"0" * 1_000_000
    return b"".join(squeeze.compress(piece) for _ in range(megabytes)) + squeeze.flush()


def wide_parquet(columns: int) -> bytes:
    return parquet_of(pa.table({f"c{index}": [1] for index in range(columns)}))


def long_run() -> bytes:
    """A few kilobytes that stand for 160 million cells."""
    zeros = pa.array(np.zeros(8_000_000, np.int8))
    return parquet_of(pa.table({f"c{index}": zeros for index in range(20)}), compression="zstd")


def heavy_texts(count: int) -> bytes:
    """One text of 900,000 characters, and thousands of cells that refer to it."""
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), ["x" * 900_000])
    return parquet_of(pa.table({"a": texts}), compression="zstd")


@pytest.mark.parametrize(
    ("build", "headers", "status", "named"),
    [
        (lambda: gzip_bomb(100), CSV, 413, "200 times"),
        (lambda: zstd.compress(b"0" * 100_000_000), CSV, 413, "200 times"),
        (lambda: b"a,b\n1," + b"x" * 100_000_000 + b"\n", CSV, 413, "8,388,608"),
        (lambda: b"a,b\n1," + b"x" * 2_000_000 + b"\n", CSV, 413, "1,048,576"),
        (lambda: b'a,b\n1,"' + b"x\n" * 6_000_000, CSV, 413, "quote"),
        (lambda: b",".join(b"c%d" % index for index in range(1_000_000)) + b"\n", CSV, 422, "10,000"),
        (lambda: b"," * 5_000_000, CSV, 422, "10,000"),
        (lambda: b'{"a":"' + b"x" * 9_000_000 + b'"}\n', {"Content-Type": "application/x-ndjson"}, 413, "8,388,608"),
        (lambda: b'{"a":' + b"[" * 100_000, {"Content-Type": "application/x-ndjson"}, 400, "Line 1"),
        (lambda: b"[" * 1_000_000, {"Content-Type": "application/json"}, 400, "depth"),
        (lambda: wide_parquet(10_001), PARQUET, 422, "10,000"),
        (lambda: heavy_texts(5000), PARQUET, 413, "FEEDFORWARD_MAX_TRAINER_MEMORY_BYTES"),
    ],
    ids=[
        "gzip",
        "zstd",
        "cell",
        "small cell",
        "quote",
        "columns",
        "commas",
        "line",
        "nesting",
        "json",
        "wide",
        "texts",
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_bomb_is_refused_with_the_limit_named(http, build, headers, status, named):
    problem = fault_of(http.post("/datasets", content=build(), headers=headers), status)
    assert named in problem["detail"]
    assert len(json.dumps(problem)) < 8192
    assert http.get("/health/live").status_code == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bombs_in_forms_are_refused_too(http, specification):
    fault_of(send_file(http, specification, gzip_bomb(50), "data.csv.gz"), 413)
    fault_of(send_file(http, specification, wide_parquet(10_001), "data.parquet"), 422)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_a_compressed_body_is_counted_inflated(http, encoding, compress):
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    body = compress(b'{"model":"a","data":{"rows":[' + b" " * 80_000_000 + b"]}}")
    fault_of(http.post("/train", content=body, headers=headers), 413)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_million_columns_in_one_row_are_refused(http, specification):
    rows = [{f"c{index}": 1 for index in range(50_000)}]
    problem = fault_of(http.post("/train", json=specification | {"data": {"rows": rows}}), 422)
    assert "10,000" in problem["detail"]


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server whose readers have little memory, and that takes small uploads."""
    limits = {"max_trainer_memory_bytes": 1_000_000_000, "max_upload_bytes": 20_000_000, "max_train_bytes": 4_000_000}
    service = start_up(tmp_path_factory.mktemp("small"), **limits)
    yield service
    service.stop()


@pytest.mark.parametrize("build", [long_run, lambda: heavy_texts(1500)], ids=["run", "texts"])
def test_memory_is_limited_and_named(small_server, build):
    problem = fault_of(small_server.http.post("/datasets", content=build(), headers=PARQUET), 413)
    assert "1,000,000,000" in problem["detail"]
    assert small_server.http.get("/health/live").status_code == 200


def test_bodies_past_the_settings_are_refused_and_named(small_server):
    http = small_server.http
    large = fault_of(http.post("/datasets", content=csv_of(ROWS) * 40_000, headers=CSV), 413)
    assert "FEEDFORWARD_MAX_UPLOAD_BYTES" in large["detail"]
    rows = {"model": "a", "label": "x", "data": {"rows": [{"x": 1.5}] * 600_000}}
    assert "FEEDFORWARD_MAX_TRAIN_BYTES" in fault_of(http.post("/train", json=rows), 413)["detail"]
    content = json.dumps([{"x": 1.5}] * 500_000).encode()
    refused = fault_of(http.post("/datasets", content=content, headers={"Content-Type": "application/json"}), 413)
    assert "FEEDFORWARD_MAX_TRAIN_BYTES" in refused["detail"]


def children_reading(server: Service) -> list[int]:
    """The processes that read files for this server."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, group = (folder / "cmdline").read_bytes(), os.getpgid(int(folder.name))
        except OSError:
            continue
        if b"service.datasets.sandbox.process" in command and group == os.getpgid(server.process.pid):
            found.append(int(folder.name))
    return found


def has_ended(process: int) -> bool:
    try:
        return not Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return True


def test_a_reader_that_is_killed_costs_one_answer_at_most(small_server, specification):
    http = small_server.http
    assert send_file(http, specification, csv_of(ROWS)).status_code == 202
    [child] = children_reading(small_server)
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: child not in children_reading(small_server), "the end of the reader")
    answers = [send_file(http, specification, csv_of(ROWS)).status_code for _ in range(2)]
    assert answers[-1] == 202


def test_readers_end_with_their_server(start_server, specification):
    server = start_server()
    assert send_file(server.http, specification, csv_of(ROWS)).status_code == 202
    [child] = children_reading(server)
    server.process.kill()
    wait_until(lambda: has_ended(child), "the end of the reader")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_api_answers_while_a_heavy_file_is_read(server):
    """The event loop is free: the slowest of many small answers comes long before the heavy one."""
    content = csv_of([{f"c{column}": index * column for column in range(20)} for index in range(100)])
    heavy = content + content.split(b"\n", 1)[1] * 2000
    done = threading.Event()
    statuses = []

    def send() -> None:
        try:
            answer = httpx.post(f"{server.url}/datasets", content=heavy, headers=CSV, timeout=120, trust_env=False)
            statuses.append(answer.status_code)
        finally:
            done.set()

    sender = threading.Thread(target=send)
    sender.start()
    answered = 0
    while not done.is_set():
        assert server.http.get("/health/live").status_code == 200
        answered += 1
    sender.join()
    assert statuses[0] in (200, 201, 202)
    assert answered > 20


def test_files_one_after_the_other_are_read_by_the_same_processes(small_server, specification):
    def send_and_wait() -> set[int]:
        queued = send_file(small_server.http, specification, csv_of(ROWS))
        small_server.profiled(queued.json()["request"]["data"]["dataset"])
        return set(children_reading(small_server))

    readers = send_and_wait()
    assert [send_and_wait() for _ in range(3)] == [readers] * 3
