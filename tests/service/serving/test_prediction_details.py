"""What `include` tells beside a prediction."""

import math

import pytest

from models.inference.calibration import Calibration, Scores
from models.inference.trained_network import TrainedNetwork
from tests.support.serving import networks


def first(serving, model: str, row: list, **asked) -> dict:
    [prediction] = serving.predict(model, [row], **asked)
    return prediction


def calibrated(trained: TrainedNetwork, *scores: list[float], temperature: float | None = None) -> TrainedNetwork:
    """With the scores of held-out rows, sorted, as they would have been kept."""
    kept = tuple(Scores(len(one), tuple(range(1, len(one) + 1)), tuple(one)) for one in scores)
    calibration = Calibration(kept, temperature=temperature)
    return TrainedNetwork(
        trained.network, trained.preprocessing, trained.target, trained.baseline, calibration=calibration
    )


def test_an_explanation_says_what_each_feature_added(serving):
    """y = 2 a + 3 b + 1 from the baseline a = b = 0: a linear network's Shapley values are its terms."""
    model = serving.register(networks.plane())
    explanation = first(serving, model, [5, 7], include=["explanations"])["explanation"]
    assert explanation["unit"] == "raw value"
    told = explanation["outputs"]["y"]
    assert told["contributions"] == pytest.approx({"a": 10.0, "b": 21.0}, abs=1e-9)
    assert (told["baseline"], told["value"]) == pytest.approx((1.0, 32.0), abs=1e-9)


def test_classes_are_explained_by_their_logits(serving):
    model = serving.register(networks.thirds())
    explanation = first(serving, model, [2, -3], include=["explanations"])["explanation"]
    assert explanation["unit"] == "logit"
    assert explanation["outputs"]["first"]["contributions"] == pytest.approx({"a": 2.0, "b": 0.0}, abs=1e-9)
    assert explanation["outputs"]["second"]["contributions"] == pytest.approx({"a": 0.0, "b": -3.0}, abs=1e-9)


def test_text_features_are_explained_as_one(serving):
    model = serving.register(networks.prices())
    explanation = first(serving, model, [5, "red", True], include=["explanations"])["explanation"]
    expected = {"size": 5.0, "colour": 10.0, "new": 100.0}
    assert explanation["outputs"]["price"]["contributions"] == pytest.approx(expected, abs=1e-9)


def test_logits_are_the_last_layer_before_its_activation(serving):
    model = serving.register(networks.yes_or_no())
    assert first(serving, model, [0.75], include=["logits"])["logits"] == {"true": 0.75}


def test_activations_are_the_values_of_every_layer(serving):
    model = serving.register(networks.two_labels())
    [[up, down]] = first(serving, model, [math.log(3)], include=["activations"])["activations"]
    assert (up, down) == pytest.approx((0.75, 0.25), abs=1e-15)


def test_the_likeliest_classes_can_be_told_alone(serving):
    model = serving.register(networks.thirds())
    prediction = first(serving, model, [math.log(2), math.log(4)], top_k=2)
    assert prediction["label"] == "second"
    assert list(prediction["probabilities"]) == ["second", "first"]
    assert prediction["probabilities"] == pytest.approx({"second": 4 / 7, "first": 2 / 7}, abs=1e-15)


def test_an_interval_is_as_wide_as_the_held_out_errors_ask(serving):
    """Of 9 errors 1 … 9, coverage 0.8 takes the ⌈10 · 0.8⌉ = 8th smallest (Vovk et al. 2005)."""
    model = serving.register(calibrated(networks.line(), [float(k) for k in range(1, 10)]))
    assert first(serving, model, [1], include=["intervals"], coverage=0.8)["interval"] == {"low": -5.0, "high": 11.0}


def test_an_interval_that_few_rows_can_not_promise_is_open(serving):
    model = serving.register(calibrated(networks.line(), [1.0, 2.0]))
    assert first(serving, model, [1], include=["intervals"])["interval"] == {"low": None, "high": None}


def test_a_set_holds_the_classes_that_the_coverage_asks(serving):
    """Scores are 1 − p of the truth; with q = 0.6 the classes of probability 0.4 and above are in the set."""
    trained = calibrated(networks.thirds(), [0.6] * 20, temperature=1.0)
    model = serving.register(trained)
    half_each = [math.log(100), math.log(100)]
    assert first(serving, model, half_each, include=["intervals"])["prediction_set"] == ["first", "second"]
    assert first(serving, model, [math.log(100), 0], include=["intervals"])["prediction_set"] == ["first"]


def test_intervals_need_held_out_rows(serving):
    model = serving.register(networks.line())
    response = serving.ask({"model": model, "inputs": [[1]], "include": ["intervals"]})
    assert response.status_code == 422
    assert "validation" in response.json()["detail"]


@pytest.mark.parametrize("coverage", [0, 1, -0.5, 2, "0.9", True])
def test_a_coverage_lies_between_nothing_and_all(serving, coverage):
    model = serving.register(networks.line())
    response = serving.ask({"model": model, "inputs": [[1]], "include": ["intervals"], "coverage": coverage})
    assert response.json()["errors"][0]["location"] == ["body", "coverage"]


def test_what_can_be_included_is_named(serving):
    model = serving.register(networks.line())
    response = serving.ask({"model": model, "inputs": [[1]], "include": ["explanation"]})
    assert response.status_code == 422
    assert "explanations" in response.text


def test_several_things_can_be_included_of_columns_too(serving):
    model = serving.register(networks.plane())
    body = {"model": model, "columns": {"a": [1, 2], "b": [0, 0]}, "include": ["logits", "activations", "explanations"]}
    predictions = serving.ask(body).json()["predictions"]
    assert [one["logits"] for one in predictions] == [{"y": 3.0}, {"y": 5.0}]
    assert {"value", "logits", "activations", "explanation"} == set(predictions[0])
