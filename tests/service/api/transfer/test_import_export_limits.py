"""The settings' limits hold for what is imported, and their names are told."""

import zlib

import pytest

from tests.support.launching import start_up
from tests.support.service import Service

SAFETENSORS = "application/vnd.safetensors"


@pytest.fixture(scope="module")
def strict(tmp_path_factory) -> Service:
    """A server that allows little."""
    limits = {"max_parameters": 100, "max_hidden_layers": 1, "max_hidden_width": 4, "max_import_bytes": 20_000}
    service = start_up(tmp_path_factory.mktemp("strict") / "data", workers=0, **limits)
    yield service
    service.stop()


def test_the_limits_of_trainings_hold_for_imports(strict, weights):
    refused = strict.http.post("/models/a/versions", content=weights, headers={"Content-Type": SAFETENSORS})
    assert refused.status_code == 422
    told = " ".join(error["message"] for error in refused.json()["errors"])
    assert "FEEDFORWARD_MAX_HIDDEN_LAYERS" in told
    assert "FEEDFORWARD_MAX_HIDDEN_WIDTH" in told
    assert strict.http.get("/models/a").status_code == 404


def test_a_body_over_the_limit_is_refused_by_its_name(strict):
    refused = strict.http.post("/models/a/versions", content=bytes(20_001), headers={"Content-Type": SAFETENSORS})
    assert refused.status_code == 413
    assert "FEEDFORWARD_MAX_IMPORT_BYTES" in refused.json()["detail"]


def test_a_body_that_inflates_past_the_limit_is_refused(strict):
    headers = {"Content-Type": SAFETENSORS, "Content-Encoding": "gzip"}
    packed = zlib.compress(bytes(10**7), wbits=31)
    assert len(packed) < 20_000
    assert strict.http.post("/models/a/versions", content=packed, headers=headers).status_code == 413


def test_nothing_is_left_of_a_refused_file(strict, weights):
    refused = strict.http.post("/models/a/versions", content=weights, headers={"Content-Type": SAFETENSORS})
    assert refused.status_code == 422
    assert list((strict.data / "incoming").iterdir()) == []
