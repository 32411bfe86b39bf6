"""The protocol's elements and frames, byte by byte."""

import struct

import numpy as np
import pytest

from service.serving.open_inference.tensors import read_tensor
from service.serving.open_inference.wire_types import DATATYPES, BadInference, frame, split_body, split_elements


def test_bf16_is_the_upper_half_of_a_float32():
    numbers = np.array([1.0, -2.5, 3.140625, 2.0**100, 0.0], "<f4")  # each exact in the 8 bits that BF16 keeps
    upper = b"".join(number.tobytes()[2:] for number in numbers)
    np.testing.assert_array_equal(DATATYPES["BF16"].from_bytes(upper), numbers)


@pytest.mark.parametrize(
    ("datatype", "element"), [("BOOL", 1), ("BOOL", 0), ("BOOL", 1.0), ("UINT8", 1.5), ("UINT64", 2.0), ("BYTES", 5)]
)
def test_json_elements_have_the_type_that_the_datatype_names(datatype, element):
    with pytest.raises(BadInference, match=datatype):
        read_tensor({"name": "a", "shape": [1], "datatype": datatype, "data": [element]}, None)


@pytest.mark.parametrize(("datatype", "element"), [("BOOL", True), ("UINT8", 255), ("FP32", 1), ("BYTES", "")])
def test_json_elements_of_the_named_type_are_taken(datatype, element):
    tensor = read_tensor({"name": "a", "shape": [1], "datatype": datatype, "data": [element]}, None)
    assert list(tensor.values) == [element]


@pytest.mark.parametrize("length", ["²".encode("latin-1"), b"9" * 5000, b"1" * 19, b"-1", b"", b"1.0", b"3"])
def test_a_length_of_the_head_is_a_number_within_the_body(length):
    with pytest.raises(BadInference):
        split_body(b"{}", length)


def test_a_head_may_be_the_whole_body_or_none_of_it():
    assert split_body(b"{}", b"2") == (b"{}", b"")
    assert split_body(b"{}", b"0") == (b"", b"{}")
    assert split_body(b"{}", b"000000000000000001") == (b"{", b"}")


def test_the_last_element_of_text_may_be_empty():
    content = struct.pack("<I", 2) + b"ab" + struct.pack("<I", 0)
    assert split_elements(memoryview(content), 2, "a") == [b"ab", b""]
    assert split_elements(memoryview(frame(b"")), 1, "a") == [b""]


@pytest.mark.parametrize("surplus", [b"\0", b"\0\0\0", b"\0\0\0\0"])
def test_bytes_behind_the_last_element_are_refused(surplus):
    with pytest.raises(BadInference, match="not 1 elements"):
        split_elements(memoryview(frame(b"ab") + surplus), 1, "a")
