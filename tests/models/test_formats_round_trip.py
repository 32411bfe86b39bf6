"""What was written and is read again predicts bit-identically, and is written as the same bytes."""

import io
import json

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.columns import take_rows
from models.formats import network_json, npz
from models.formats import safetensors as stored
from models.formats.description import tensors_of
from tests.support.training.kinds import KINDS

FORMATS = {"safetensors": stored, "npz": npz, "json": network_json}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_network_read_again_predicts_the_same_bits(networks, table_of, kind, name):
    trained, form = networks[kind], FORMATS[name]
    written = form.dumps(trained)
    again = form.loads(written)
    rows = table_of(trained)
    assert again.predict(rows).tobytes() == trained.predict(rows).tobytes()
    assert again.signature == trained.signature
    assert again.baseline.tobytes() == trained.baseline.tobytes()
    assert form.dumps(again) == written


@pytest.mark.parametrize("kind", KINDS)
def test_one_format_leads_to_the_other_and_back(networks, kind):
    written = stored.dumps(networks[kind])
    again = npz.loads(npz.dumps(network_json.loads(network_json.dumps(networks[kind]))))
    assert stored.dumps(again) == written
    assert stored.weights_sha256(stored.dumps(again)) == stored.weights_sha256(written)


def test_the_stored_form_is_safetensors_with_one_metadata_key_and_tensors_in_name_order(networks):
    written = stored.dumps(networks["classes"])
    length = int.from_bytes(written[:8], "little")
    header = json.loads(written[8 : 8 + length])
    assert list(header.pop("__metadata__")) == ["feedforward"]
    offsets = [header[name]["data_offsets"] for name in sorted(header)]
    assert offsets == sorted(offsets)
    peer = safetensors.numpy.load(written)
    for name, tensor in tensors_of(networks["classes"]).items():
        np.testing.assert_array_equal(peer[name], tensor)


def test_numpy_alone_reads_the_archive(networks):
    with np.load(io.BytesIO(npz.dumps(networks["plain"])), allow_pickle=False) as archive:
        assert json.loads(archive["description"].tobytes())["network"]["hidden"] == [5, 3]
        np.testing.assert_array_equal(archive["output.bias"], networks["plain"].network.tensors["output.bias"])


def test_json_is_exact_and_short(networks):
    text = network_json.dumps(networks["plain"]).decode()
    bias = json.loads(text)["tensors"]["output.bias"]
    np.testing.assert_array_equal(np.array(bias, dtype=np.float32), networks["plain"].network.tensors["output.bias"])
    assert max(len(repr(value)) for value in bias) <= 15


@pytest.fixture(scope="module")
def predict_rows(networks, mixed_table):
    return lambda rows: networks["classes"].predict(take_rows(mixed_table, np.array(rows)))


@given(rows=st.lists(st.integers(0, 199), min_size=1, max_size=20))
@settings(max_examples=30, deadline=None)
def test_rows_are_predicted_each_by_itself(predict_rows, rows):
    together = predict_rows(rows)
    np.testing.assert_allclose(together, [predict_rows([row])[0] for row in rows], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(together.sum(axis=1), 1.0, rtol=1e-6)
