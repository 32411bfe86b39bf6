"""A file that was cut, changed or made up is told as a BadFile, and takes no more memory than its own size asks for."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from models.errors import BadFile
from models.formats import network_json, npz
from models.formats import safetensors as stored
from models.formats.description import canonical_json, describe, tensors_of
from models.formats.digest import with_digest

FORMATS = {"safetensors": stored, "npz": npz, "json": network_json}


class Files:
    """A good file of each form, told by its name alone."""

    def __init__(self, trained):
        self._files = {name: form.dumps(trained) for name, form in FORMATS.items()}

    def __getitem__(self, name):
        return self._files[name]


@pytest.fixture(scope="module")
def files(networks):
    return Files(networks["plain"])


@pytest.fixture(scope="module")
def parts(networks):
    """The description and the tensors of a good file, to be changed."""
    return json.loads(canonical_json(describe(networks["plain"]))), tensors_of(networks["plain"])


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_at_any_length_is_refused(files, name):
    for length in range(len(files[name]) - (2 if name == "json" else 0)):
        with pytest.raises(BadFile):
            FORMATS[name].loads(files[name][:length])


@pytest.mark.parametrize("name", ["safetensors", "npz"])
@given(extra=st.binary(min_size=1, max_size=64))
@settings(max_examples=30, deadline=None)
def test_a_file_with_something_after_it_is_refused_or_the_same(files, name, extra):
    try:
        read = FORMATS[name].loads(files[name] + extra)
    except BadFile:
        return
    assert stored.dumps(read) == files["safetensors"]


@pytest.mark.parametrize("name", FORMATS)
@given(changes=st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_a_file_with_changed_bytes_is_refused_or_still_the_same_network(files, name, changes):
    changed = bytearray(files[name])
    for place, value in changes:
        changed[place % len(changed)] = value
    try:
        read = FORMATS[name].loads(bytes(changed))
    except BadFile:
        return
    assert stored.dumps(read) == files["safetensors"]


@pytest.mark.parametrize("name", FORMATS)
@given(junk=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_junk_is_refused(name, junk):
    with pytest.raises(BadFile):
        FORMATS[name].loads(junk)


def rewritten(parts, change_description=None, change_tensors=None):
    """A safetensors file whose framing is right and whose content is not."""
    description, tensors = json.loads(json.dumps(parts[0])), dict(parts[1])
    if change_description:
        change_description(description)
    if change_tensors:
        change_tensors(tensors)
    return save(tensors, {"feedforward": json.dumps(with_digest(description, tensors))})


def drop(name):
    return lambda mapping: mapping.pop(name)


def put(name, value):
    return lambda mapping: mapping.update({name: value})


@pytest.mark.parametrize(
    "change",
    [
        drop("output.bias"),
        drop("preprocessing.baseline"),
        put("extra", np.zeros(3, np.float32)),
        put("output.bias", np.zeros(4, np.float32)),
        put("output.bias", np.zeros((3, 1), np.float32)),
        put("output.bias", np.zeros(3, np.float64)),
        put("output.bias", np.zeros(3, np.int32)),
        put("output.bias", np.array([0, np.nan, 0], np.float32)),
        put("output.bias", np.array([0, np.inf, 0], np.float32)),
    ],
)
def test_tensors_that_are_not_those_of_the_network_are_refused(parts, change):
    with pytest.raises(BadFile):
        stored.loads(rewritten(parts, change_tensors=change))


@pytest.mark.parametrize(
    "change",
    [
        drop("network"),
        drop("signature"),
        put("form", 2),
        put("name", "iris"),
        put("preprocessing", []),
        put("preprocessing", [{"type": "number"}]),
        put("preprocessing", [{"type": ["number"]}]),
        put("target", {"task": "classification", "name": "x", "classes": ["a"], "output": "softmax"}),
        put("target", None),
        lambda description: description["network"].update(hidden=[5, 4]),
        lambda description: description["network"].update(hidden=[2**40]),
        lambda description: description["network"].update(hidden=[2**31] * 16),
        lambda description: description["network"].update(hidden="many"),
        lambda description: description["network"].update(activation="magic"),
        lambda description: description["network"].update(dtype="float128"),
        lambda description: description["preprocessing"][0].update(scale="1"),
        lambda description: description["preprocessing"][0].update(name="other"),
        lambda description: description["signature"]["features"].pop(),
        lambda description: description["signature"]["outputs"][0].update(classes=["a", "b", "c"]),
    ],
)
def test_descriptions_that_are_not_of_a_network_are_refused(parts, change):
    with pytest.raises(BadFile):
        stored.loads(rewritten(parts, change_description=change))


@pytest.mark.parametrize(
    "header",
    [
        b"\xff" * 8,
        (2**62).to_bytes(8, "little") + b"{}",
        (2**24).to_bytes(8, "little") + b"[" * 2**24,
        (8).to_bytes(8, "little") + b'{"a": 1}',
        (4).to_bytes(8, "little") + b"null",
    ],
)
def test_a_header_that_is_none_is_refused_in_little_memory(header):
    tracemalloc.start()
    with pytest.raises(BadFile):
        stored.loads(header)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * len(header) + 2**20


def test_a_network_larger_than_its_file_is_refused_before_it_is_made(parts):
    file = rewritten(parts, change_description=lambda one: one["network"].update(hidden=[4096] * 16))
    tracemalloc.start()
    with pytest.raises(BadFile):
        stored.loads(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_safetensors_of_others_are_refused():
    with pytest.raises(BadFile):
        stored.loads(save({"a": np.zeros(2, np.float32)}))
    with pytest.raises(BadFile):
        stored.loads(save({"a": np.zeros(2, np.float32)}, {"feedforward": "{}", "other": ""}))
