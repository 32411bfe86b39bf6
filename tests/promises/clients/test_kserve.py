"""KServe's client works unchanged, in every form of tensor that it has."""

import pytest

from tests.support.clients.environments import output_of
from tests.support.serving import networks


@pytest.fixture(scope="session")
def database() -> str:
    """The client sees nothing of it."""
    return "sqlite"


@pytest.fixture(scope="module")
def told(serving, request: pytest.FixtureRequest) -> dict:
    """What the client got, and the names of the models asked."""
    models = [serving.register(made()) for made in (networks.plane, networks.thirds, networks.prices)]
    told = output_of("kserve", request.config, "kserve_calls.py", serving.url, *models)
    return told | {"plane": models[0], "thirds": models[1]}


def test_every_form_of_request_and_answer_tells_the_same_numbers(told):
    assert len(told["forms"]) == 7
    assert all(numbers == [33.0, 0.5] for numbers in told["forms"].values()), told["forms"]


def test_text_and_booleans_come_in_a_tensor_for_each_feature(told):
    assert told["by_feature"] == {"True": [115.0, 21.0], "False": [115.0, 21.0]}


def test_classes_are_told_by_label_and_probability_in_the_order_asked(told):
    """Softmax of (ln 4, ln 2, 0) is 4/7, 2/7, 1/7."""
    assert list(told["classified"]) == ["True", "False"]  # binary or not
    for answer in told["classified"].values():
        assert answer["names"] == ["label", "probabilities"]
        assert answer["label"] == ["first"]
        assert answer["probabilities"] == pytest.approx([4 / 7, 2 / 7, 1 / 7], abs=1e-15)
        assert answer["response"] == ["my-id", told["thirds"]]


def test_failures_are_told_in_words(told):
    assert len(told["failures"]) == 3
    assert all(told["failures"].values()), told["failures"]
    assert "no-such-model" in told["failures"]["unknown model"]


def test_the_server_tells_of_itself(told):
    assert told["about"] == {"live": True, "ready": True, "model_ready": True, "unknown_ready": False}
