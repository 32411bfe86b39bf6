"""What a network in JSON must be: its dtype, its digest, its tensors, and no larger than its text allows."""

import json

import numpy as np
import pytest

from models.errors import BadFile
from models.formats import network_json


@pytest.fixture
def network(networks):
    return json.loads(network_json.dumps(networks["plain"]))


def reason(value, size_limit=10**6):
    with pytest.raises(BadFile) as error:
        network_json.from_value(value, size_limit)
    return error.value.message


@pytest.mark.parametrize("value", [[], None, "x", {}, {"tensors": []}, {"tensors": None}])
def test_it_is_an_object_with_tensors(value):
    assert "an object with its 'tensors'" in reason(value)


@pytest.mark.parametrize(
    "described", [{}, {"network": None}, {"network": {"dtype": "float16"}}, {"network": {"dtype": 32}}]
)
def test_its_dtype_is_float32_or_float64(described):
    assert "dtype must be float32 or float64" in reason({"tensors": {}} | described)


@pytest.mark.parametrize("tensor", [1.0, "1", None, {}, [True], ["1"], [[1.0], 2.0], [[1.0], ["2"]], [[[1.0], [None]]]])
def test_a_tensor_is_a_list_of_numbers(network, tensor):
    network["tensors"]["output.bias"] = tensor
    assert "'output.bias' is no list of numbers" in reason(network)


@pytest.mark.parametrize("tensor", [[[1.0], [1.0, 2.0]], [[1.0], []], [10**400]])
def test_a_tensor_has_rows_of_one_length_and_finite_numbers(network, tensor):
    network["tensors"]["output.bias"] = tensor
    assert "'output.bias' is no list of rows of the same length" in reason(network)


def test_a_number_too_large_for_its_dtype_is_not_finite(network):
    network["tensors"]["output.bias"][0] = 1e300
    del network["sha256"]
    assert "not finite" in reason(network)


def test_a_digest_that_is_there_must_be_right(network):
    network["tensors"]["output.bias"][0] += 1.0
    assert "some byte was changed" in reason(network)
    network["sha256"] = "0" * 64
    assert "some byte was changed" in reason(network)


def test_the_weights_take_at_most_eight_bytes_for_each_of_the_text(network):
    # plain: 2 · 5 + 5 + 5 · 3 + 3 + 3 · 3 + 3 = 45 parameters of float32 are 180 bytes, and 180 = 8 · 22.5
    assert "180 bytes" in reason(network, 22)
    assert network_json.from_value(network, 23).network.parameters.size == 45


def test_each_tensor_is_a_line_and_each_number_the_shortest(networks):
    lines = network_json.dumps(networks["plain"]).decode("ascii").splitlines()
    [line] = [line for line in lines if line.startswith('"output.bias"')]
    bias = networks["plain"].network.tensors["output.bias"]
    assert line == f'"output.bias": [{",".join(str(value) for value in bias)}],'
    [line] = [line for line in lines if line.startswith('"output.weight"')]
    assert np.array(json.loads(line.rstrip(",").split(": ", 1)[1])).shape == (3, 3)
