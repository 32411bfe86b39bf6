"""A description and tensors are joined only where they are those of one network."""

import json

import numpy as np
import pytest

from models.errors import BadFile
from models.formats.description import assemble, canonical_json, describe, read_json, tensors_of
from models.formats.digest import checked_digest, with_digest

PLAIN_BYTES = 45 * 4  # 2 · 5 + 5 + 5 · 3 + 3 + 3 · 3 + 3 parameters of float32


@pytest.fixture
def parts(networks):
    return json.loads(canonical_json(describe(networks["plain"]))), dict(tensors_of(networks["plain"]))


def reason(description, tensors, size_limit=10**6):
    with pytest.raises(BadFile) as error:
        assemble(description, tensors, size_limit)
    return error.value.message


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "[-Infinity]", "[1e999]", "[" * 100_000, b"\xff"])
def test_text_that_is_no_json_is_rejected(text):
    with pytest.raises(BadFile, match="not JSON"):
        read_json(text)


def test_canonical_json_has_sorted_keys_and_no_spaces():
    assert canonical_json({"b": [1, 2.5], "a": "ü"}) == '{"a":"\\u00fc","b":[1,2.5]}'


def test_a_network_is_read_from_a_file_as_large_as_its_weights(parts):
    assert assemble(*parts, PLAIN_BYTES).network.parameters.size == 45
    assert "more than the whole file" in reason(*parts, PLAIN_BYTES - 1)


@pytest.mark.parametrize("description", [None, [], {}, {"form": 0}, {"form": 2}])
def test_a_form_that_is_not_known_is_rejected(description, parts):
    assert "form" in reason(description, parts[1])


@pytest.mark.parametrize("field", ["network", "preprocessing", "target", "signature", "calibration"])
def test_a_description_has_every_field_and_no_other(parts, field):
    description, tensors = parts
    lacking = {key: value for key, value in description.items() if key != field}
    assert f"'{field}' is extra or missing" in reason(lacking, tensors)
    assert "'zzz' is extra or missing" in reason(description | {"zzz": 1}, tensors)


def test_tensors_are_those_of_the_network_in_name_shape_dtype_and_values(parts):
    description, tensors = parts
    bias = tensors["output.bias"]
    for wrong, words in [
        ({"output.bias": bias[:2]}, "of shape (2,)"),
        ({"output.bias": bias[:, None]}, "of shape (3, 1)"),
        ({"output.bias": bias.astype(np.float64)}, "float64 of shape (3,), not float32 of shape (3,)"),
        ({"output.bias": np.array([0, 0, np.nan], np.float32)}, "not finite"),
        ({"other": bias}, "'other' is extra or missing"),
    ]:
        assert words in reason(description, tensors | wrong)


def test_the_signature_is_that_of_features_and_labels(parts):
    description, tensors = parts
    description["signature"]["features"][0]["nullable"] = True
    assert "signature" in reason(description, tensors)


def test_a_fault_in_the_description_is_reported_with_its_place(parts):
    description, tensors = parts
    description["network"]["hidden"] = [5, "3"]
    assert "network.hidden.1" in reason(description, tensors)


def test_a_digest_is_of_description_and_every_tensor(parts):
    description, tensors = parts
    sealed = with_digest(description, tensors)
    assert checked_digest(sealed, tensors) == description
    changed = tensors | {"output.bias": tensors["output.bias"] + 1}
    renamed = {name.replace("output.bias", "output.bia5"): tensor for name, tensor in tensors.items()}
    for other, kept in [(sealed, changed), (sealed, renamed), (sealed | {"form": 2}, tensors)]:
        with pytest.raises(BadFile, match="some byte was changed"):
            checked_digest(other, kept)
    for other in (description, [], None):
        with pytest.raises(BadFile, match="lacks its digest"):
            checked_digest(other, tensors)
