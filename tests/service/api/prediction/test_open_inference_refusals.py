"""What the protocol refuses, always with 400 and words."""

import struct

import pytest

from tests.support.serving import networks
from tests.support.serving.inference import HEADER, ROW, framed, post, tensor


@pytest.fixture(scope="module")
def plane(serving) -> str:
    return serving.register(networks.plane())


@pytest.fixture(scope="module")
def prices(serving) -> str:
    return serving.register(networks.prices())


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
        {"inputs": [tensor(shape=[500, 2], data=[1.5] * 999 + [True])]},
        {"inputs": [tensor(shape=[500, 2], data=[False] + [1.5] * 999)]},
        {"id": "ul" * 200, "inputs": [tensor(shape=[500, 2], data=[1.5] * 999 + [True])]},
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
