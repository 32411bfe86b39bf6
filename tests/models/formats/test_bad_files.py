"""A file that was cut, changed or made up is told as a BadFile, and takes no more memory than its own size asks for."""

import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from models.errors import BadFile
from models.formats import network_json, npz
from models.formats import safetensors as stored
from models.formats.description import canonical_json, describe, tensors_of
from models.formats.seal import sealed

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
    return save(tensors, {"feedforward": json.dumps(sealed(description, tensors))})


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


def archive(members, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def test_an_archive_that_unpacks_to_more_than_itself_is_refused_unread():
    bomb = archive([("description.npy", b"\0" * 50_000_000)], zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    with pytest.raises(BadFile):
        npz.loads(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**21


def npy_header(shape, descr="<f4"):
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    "member",
    [
        npy_header("(10**12,)"),
        npy_header("(1000000000000,)"),
        npy_header("(1,)", "|O") + b"\x80\x04N.",
        b"",
        b"\x93NUMPY\x09\x00",
    ],
)
def test_a_member_that_is_no_plain_array_is_refused(member):
    with pytest.raises(BadFile):
        npz.loads(archive([("description.npy", member)]))


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"null",
        b"{}",
        b'{"tensors": {}}',
        b'{"tensors": {"a": [[1], [1, 2]]}, "network": {"dtype": "float32"}}',
        b"NaN",
        b"[1e999]",
        b"9" * 5000,
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_json_that_is_no_network_is_refused(text):
    with pytest.raises(BadFile):
        network_json.loads(text)


def test_json_changed_by_hand_is_read_without_its_digest_alone(files):
    network = json.loads(files["json"])
    network["tensors"]["output.bias"][1] = 0.5
    with pytest.raises(BadFile):
        network_json.from_value(network, len(files["json"]))
    del network["sha256"]
    assert network_json.from_value(network, len(files["json"])).network.tensors["output.bias"][1] == 0.5


@pytest.mark.parametrize("value", ["1", True, None, [1], {}, 1e400, 10**400])
def test_a_weight_that_is_no_number_is_refused(files, value):
    network = json.loads(files["json"])
    network["tensors"]["output.bias"][1] = value
    del network["sha256"]
    with pytest.raises(BadFile):
        network_json.from_value(network, len(files["json"]))
