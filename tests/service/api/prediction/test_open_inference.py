"""The protocol byte by byte: frames, refusals and errors in its own form."""

import gzip
import json
import struct
import zlib

import pytest
from backports import zstd

from tests.support.serving import networks
from tests.support.serving.inference import HEADER, ROW, framed, post, tensor


@pytest.fixture(scope="module")
def plane(serving) -> str:
    return serving.register(networks.plane())


@pytest.fixture(scope="module")
def prices(serving) -> str:
    return serving.register(networks.prices())


def test_a_plain_request_needs_no_content_type_and_ignores_fields_it_does_not_know(serving, plane):
    response = post(serving, plane, {"id": "é", "model_name": "x", "more": 1, "inputs": [tensor()]})
    assert response.status_code == 200, response.text
    assert response.json() == {
        "model_name": plane,
        "model_version": "1",
        "id": "é",
        "outputs": [
            {
                "name": "predictions",
                "datatype": "FP64",
                "shape": [1, 1],
                "parameters": {"names": '["y"]'},
                "data": [33.0],
            }
        ],
    }
    assert HEADER not in response.headers


def test_data_may_be_nested(serving, plane):
    nested = tensor(shape=[2, 2], data=[[1, 10], [-1, 0.5]])
    assert post(serving, plane, {"inputs": [nested]}).json()["outputs"][0]["data"] == [33.0, 0.5]


def test_a_binary_answer_is_told_by_its_header(serving, plane):
    response = post(serving, plane, {"inputs": [tensor()], "parameters": {"binary_data_output": True}})
    length = int(response.headers[HEADER])
    head = json.loads(response.content[:length])
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert head["outputs"][0]["parameters"]["binary_data_size"] == 8
    assert "data" not in head["outputs"][0]
    assert struct.unpack("<d", response.content[length:]) == (33.0,)


def test_a_raw_request_is_the_bytes_of_the_one_input(serving, plane):
    response = post(serving, plane, ROW, {HEADER: "0"})
    assert response.status_code == 200, response.text
    assert struct.unpack("<d", response.content[int(response.headers[HEADER]) :]) == (33.0,)


def test_binary_text_is_read_and_written(serving, prices):
    element = struct.pack("<I", 3) + b"red"
    inputs = [
        {"name": "colour", "shape": [1, 1], "datatype": "BYTES", "parameters": {"binary_data_size": 7}},
        {"name": "size", "shape": [1, 1], "datatype": "FP64", "data": [5]},
        {"name": "new", "shape": [1], "datatype": "BOOL", "parameters": {"binary_data_size": 1}},
    ]
    response = post(serving, prices, *framed({"inputs": inputs}, element + b"\x01"))
    assert response.json()["outputs"][0]["data"] == [115.0]


def test_no_rows_are_no_predictions(serving, plane, prices):
    assert post(serving, plane, {"inputs": [tensor(shape=[0, 2], data=[])]}).json()["outputs"][0]["data"] == []
    empty = [
        {"name": name, "shape": [0, 1], "datatype": datatype, "data": []}
        for name, datatype in [("size", "FP64"), ("colour", "BYTES"), ("new", "BOOL")]
    ]
    assert post(serving, prices, {"inputs": empty}).json()["outputs"][0]["shape"] == [0, 1]


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstd.compress)]
)
def test_bodies_may_be_compressed(serving, plane, encoding, compress):
    body = compress(json.dumps({"inputs": [tensor()]}).encode())
    response = post(serving, plane, body, {"Content-Encoding": encoding})
    assert response.json()["outputs"][0]["data"] == [33.0]


def test_a_body_that_inflates_over_the_limit_is_refused(serving, plane):
    bomb = gzip.compress(b" " * (64 * 1024 * 1024), compresslevel=1)
    response = post(serving, plane, bomb, {"Content-Encoding": "gzip"})
    assert response.status_code == 413
    assert response.json()["error"]


def test_an_encoding_that_is_not_known_is_refused(serving, plane):
    response = post(serving, plane, {"inputs": [tensor()]}, {"Content-Encoding": "br"})
    assert response.status_code == 415
    assert response.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/nothing", 404),
        ("GET", "/v2/models/no-such-model", 404),
        ("GET", "/v2/models/no-such-model/ready", 404),
        ("POST", "/v2/models/no-such-model/infer", 404),
        ("GET", "/v2/models/A%20b", 404),
        ("POST", "/v2", 405),
        ("DELETE", "/v2/repository/index", 405),
        ("POST", "/v2/repository/models/no-such-model/load", 404),
        ("POST", "/v2/repository/models/no-such-model/unload", 404),
        ("GET", "/v2/systemsharedmemory/status", 400),
        ("POST", "/v2/logging", 400),
    ],
)
def test_every_failure_has_the_protocols_form(serving, method, path, status):
    response = serving.http.request(method, path)
    assert response.status_code == status
    assert list(response.json()) == ["error"]


def test_a_trailing_slash_is_not_redirected(serving):
    assert serving.http.get("/v2/").json() == serving.http.get("/v2").json()


def test_the_path_without_a_version_means_the_default(serving):
    model = serving.register(networks.plane())
    serving.register(networks.plane(), model)
    serving.move(model, "production", 1)
    assert post(serving, model, {"inputs": [tensor()]}).json()["model_version"] == "1"
    assert serving.http.get(f"/v2/models/{model}").json()["versions"] == ["1", "2"]


def test_the_index_takes_an_empty_body_and_a_filter(serving, plane):
    assert plane in {one["name"] for one in serving.http.post("/v2/repository/index").json()}
    assert plane in {one["name"] for one in serving.http.post("/v2/repository/index", json={"ready": True}).json()}
    assert serving.http.post("/v2/repository/index", json={"ready": False}).json() == []
