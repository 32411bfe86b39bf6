"""Archives and JSON texts that are no network are told as a BadFile, and unpack to no more than themselves."""

import io
import json
import tracemalloc
import zipfile

import pytest

from models.errors import BadFile
from models.formats import network_json, npz


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


@pytest.fixture(scope="module")
def text_of_a_network(networks):
    return network_json.dumps(networks["plain"])


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


def test_json_changed_by_hand_is_read_without_its_digest_alone(text_of_a_network):
    network = json.loads(text_of_a_network)
    network["tensors"]["output.bias"][1] = 0.5
    with pytest.raises(BadFile):
        network_json.from_value(network, len(text_of_a_network))
    del network["sha256"]
    assert network_json.from_value(network, len(text_of_a_network)).network.tensors["output.bias"][1] == 0.5


@pytest.mark.parametrize("value", ["1", True, None, [1], {}, 1e400, 10**400])
def test_a_weight_that_is_no_number_is_refused(text_of_a_network, value):
    network = json.loads(text_of_a_network)
    network["tensors"]["output.bias"][1] = value
    del network["sha256"]
    with pytest.raises(BadFile):
        network_json.from_value(network, len(text_of_a_network))
