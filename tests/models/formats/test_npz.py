"""Which archives are read: those of numpy.savez, whole, not compressed, with plain arrays alone."""

import io
import json
import zipfile

import numpy as np
import pytest

from models.errors import BadFile
from models.formats import npz
from models.formats.description import canonical_json, describe, tensors_of
from models.formats.digest import with_digest


@pytest.fixture
def members(networks):
    tensors = tensors_of(networks["plain"])
    text = canonical_json(with_digest(describe(networks["plain"]), tensors)).encode()
    return {"description": np.frombuffer(text, np.uint8), **tensors}


def saved(save, members):
    file = io.BytesIO()
    save(file, **members)
    return file.getvalue()


def reason(data):
    with pytest.raises(BadFile) as error:
        npz.loads(data)
    return error.value.message


def test_an_archive_of_numpy_itself_is_read(networks, members):
    again = npz.loads(saved(np.savez, members))
    assert again.network.parameters.tobytes() == networks["plain"].network.parameters.tobytes()


def test_a_compressed_archive_is_rejected(members):
    assert "compressed" in reason(saved(np.savez_compressed, members))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_named_twice_is_rejected(members):
    file = io.BytesIO(saved(np.savez, members))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("output.bias.npy", archive.read("output.bias.npy"))
    assert "twice" in reason(file.getvalue())


def test_an_archive_without_a_description_is_rejected(members):
    tensors = {name: tensor for name, tensor in members.items() if name != "description"}
    assert "holds no description" in reason(saved(np.savez, tensors))
    words = np.frombuffer(members["description"].tobytes().ljust(4000), np.float32)
    assert "holds no description" in reason(saved(np.savez, tensors | {"description": words}))


@pytest.mark.parametrize(
    "tensor",
    [
        np.zeros(3, np.int32),
        np.zeros(3, ">f4"),
        np.zeros(3, np.float16),
        np.asfortranarray(np.zeros((5, 3), np.float32)),
    ],
)
def test_a_member_of_another_type_or_order_is_rejected(members, tensor):
    assert "a member of the archive is an array of" in reason(saved(np.savez, members | {"output.bias": tensor}))


def test_what_is_no_archive_is_rejected(members):
    assert "no whole npz archive" in reason(b"PK\x03\x04 and nothing more")
    assert "no whole npz archive" in reason(json.dumps("x").encode())
