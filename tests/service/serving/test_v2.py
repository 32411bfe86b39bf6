"""The protocol byte by byte: frames, refusals and errors in its own form."""

import gzip
import json
import struct
import zlib

import pytest

from tests.service.serving import networks

HEADER = "Inference-Header-Content-Length"
ROW = struct.pack("<dd", 1.0, 10.0)


@pytest.fixture(scope="module")
def plane(serving) -> str:
    return serving.register(networks.plane())


@pytest.fixture(scope="module")
def prices(serving) -> str:
    return serving.register(networks.prices())


def tensor(**changed) -> dict:
    made = {"name": "inputs", "shape": [1, 2], "datatype": "FP64", "data": [1.0, 10.0]} | changed
    return {name: value for name, value in made.items() if value is not None}


def post(serving, model: str, body, headers=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return serving.http.post(f"/v2/models/{model}/infer", content=content, headers=headers or {})


def framed(head: dict, tail: bytes) -> tuple[bytes, dict]:
    written = json.dumps(head).encode()
    return written + tail, {HEADER: str(len(written))}


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


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_bodies_may_be_compressed(serving, plane, encoding, compress):
    body = compress(json.dumps({"inputs": [tensor()]}).encode())
    response = post(serving, plane, body, {"Content-Encoding": encoding})
    assert response.json()["outputs"][0]["data"] == [33.0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        {"inputs": []},
        {"inputs": {}},
        {"inputs": [5]},
        {"inputs": [tensor()], "id": 5},
        {"inputs": [tensor()], "outputs": 5},
        {"inputs": [tensor()], "outputs": [{"name": "nothing"}]},
        {"inputs": [tensor()], "outputs": [{"name": "predictions"}, {"name": "predictions"}]},
        {"inputs": [tensor()], "outputs": [{"name": "predictions", "parameters": {"binary_data": 1}}]},
        {"inputs": [tensor()], "outputs": [{"name": "predictions", "parameters": {"classification": -1}}]},
        {"inputs": [tensor()], "parameters": []},
        {"inputs": [tensor(), tensor()]},
        {"inputs": [tensor(name="other")]},
        {"inputs": [tensor(name=None)]},
        {"inputs": [tensor(datatype="FP128")]},
        {"inputs": [tensor(datatype="BYTES")]},
        {"inputs": [tensor(datatype="BF16")]},
        {"inputs": [tensor(datatype="INT8", data=[1, 200])]},
        {"inputs": [tensor(datatype="INT8", data=[1, 1.5])]},
        {"inputs": [tensor(data=[True, False])]},
        {"inputs": [tensor(data=["1", "2"])]},
        {"inputs": [tensor(data=[1, None])]},
        {"inputs": [tensor(data=[1])]},
        {"inputs": [tensor(data=[[1], 10])]},
        {"inputs": [tensor(data=None)]},
        {"inputs": [tensor(shape=[2], data=[1, 10])]},
        {"inputs": [tensor(shape=[2, 1])]},
        {"inputs": [tensor(shape=[-1, 2])]},
        {"inputs": [tensor(shape=[1.0, 2])]},
        {"inputs": [tensor(shape=[2**40, 2**40], data=[])]},
        {"inputs": [tensor(data=None, parameters={"binary_data_size": 16})]},
        b'{"inputs": [{"name": "inputs", "shape": [1, 2], "datatype": "FP64", "data": [1, NaN]}]}',
        b'{"inputs": [{"name": "inputs", "shape": [1, 2], "datatype": "FP64", "data": [1, 1e999]}]}',
    ],
)
def test_a_request_that_is_not_valid_is_refused_in_words(serving, plane, body):
    response = post(serving, plane, body)
    assert response.status_code == 400
    assert list(response.json()) == ["error"]
    assert response.json()["error"]


def binary(size, shape=(1, 2), datatype="FP64", **more) -> dict:
    made = {"name": "inputs", "shape": list(shape), "datatype": datatype, "parameters": {"binary_data_size": size}}
    return {"inputs": [made | more]}


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        (binary(16), ROW[:8]),
        (binary(16), ROW + b"x"),
        (binary(8), ROW),
        (binary(-16), ROW),
        (binary("16"), ROW),
        (binary(16.0), ROW),
        (binary(16, data=[1, 2]), ROW),
        (binary(16, shape=[2, 2]), ROW),
        (binary(16), struct.pack("<dd", 1.0, float("nan"))),
        (binary(16), struct.pack("<dd", 1.0, float("inf"))),
        (binary(8, datatype="BYTES"), struct.pack("<II", 2**31, 0)),
    ],
)
def test_a_binary_tensor_that_does_not_fit_is_refused_in_words(serving, plane, head, tail):
    response = post(serving, plane, *framed(head, tail))
    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "99999", "9" * 30, ""])
def test_the_length_of_the_head_is_checked(serving, plane, length):
    response = post(serving, plane, {"inputs": [tensor()]}, {HEADER: length})
    assert response.status_code == 400
    assert response.json()["error"]


def test_a_length_past_the_end_of_an_element_is_refused(serving, prices):
    inputs = [
        {"name": "colour", "shape": [1, 1], "datatype": "BYTES", "parameters": {"binary_data_size": 7}},
        {"name": "size", "shape": [1, 1], "datatype": "FP64", "data": [5]},
        {"name": "new", "shape": [1], "datatype": "BOOL", "data": [True]},
    ]
    for element in (struct.pack("<I", 4) + b"red", struct.pack("<I", 2) + b"red", b"\x00\x00\x00\x00red"):
        response = post(serving, prices, *framed({"inputs": inputs}, element))
        assert response.status_code == 400, element
    inputs[0]["parameters"]["binary_data_size"] = 6
    response = post(serving, prices, *framed({"inputs": inputs}, struct.pack("<I", 2) + b"\xff\xfe"))
    assert "UTF-8" in response.json()["error"]


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
