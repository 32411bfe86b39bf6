"""Weights as files."""

import hashlib
import io
import json
import subprocess
import sys

import httpx
import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load

from models.formats import safetensors


@pytest.fixture
def version(http: httpx.Client, name: str, add_versions) -> str:
    """The address of a version."""
    add_versions(name)
    return f"/models/{name}/versions/1"


def test_the_stored_form_is_what_the_digest_is_of(http: httpx.Client, version: str, weights: bytes):
    told = http.get(version).json()
    answer = http.get(f"{version}/weights")
    assert answer.content == weights
    assert hashlib.sha256(answer.content).hexdigest() == told["weights_sha256"]
    assert len(answer.content) == told["weights_bytes"]
    assert answer.headers["content-disposition"].endswith('-1.safetensors"')


def test_each_form_holds_the_same_tensors(http: httpx.Client, version: str):
    tensors = load(http.get(f"{version}/weights", params={"format": "safetensors"}).content)
    with np.load(io.BytesIO(http.get(f"{version}/weights", params={"format": "npz"}).content)) as archive:
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(archive[name], tensor)
    answer = http.get(f"{version}/weights", params={"format": "json"})
    assert answer.headers["content-type"] == "application/json"
    assert set(json.loads(answer.content)["tensors"]) == set(tensors)


def test_a_file_that_is_there_is_not_sent_again(http: httpx.Client, version: str):
    seen = http.get(f"{version}/weights").headers["etag"]
    again = http.get(f"{version}/weights", headers={"If-None-Match": seen})
    assert (again.status_code, again.content) == (304, b"")


def test_an_unknown_form_is_told_the_known_ones(http: httpx.Client, version: str):
    answer = http.get(f"{version}/weights", params={"format": "pickle"})
    assert answer.status_code == 422
    assert "safetensors" in answer.json()["detail"]


def test_onnx_and_plain_python_compute_the_same(http: httpx.Client, version: str, weights: bytes, tmp_path):
    rows = [[0.5], [2.5]]
    expected = safetensors.loads(weights).predict_matrix(np.array(rows)).ravel()
    session = onnxruntime.InferenceSession(http.get(f"{version}/weights", params={"format": "onnx"}).content)
    [name] = [given.name for given in session.get_inputs()]
    np.testing.assert_allclose(np.ravel(session.run(None, {name: np.array(rows)})[0]), expected, rtol=1e-5)
    program = tmp_path / "network.py"
    program.write_bytes(http.get(f"{version}/weights", params={"format": "python"}).content)
    rows_as_json = json.dumps([{"x": value} for [value] in rows])
    answered = subprocess.run([sys.executable, program], input=rows_as_json, capture_output=True, text=True, check=True)
    np.testing.assert_allclose([row["value"] for row in json.loads(answered.stdout)], expected, rtol=1e-6)
