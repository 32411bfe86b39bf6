"""The protocol's own client works unchanged, blocking and asynchronous, in every form of tensor that it has."""

import pytest

from tests.support.clients.environments import output_of
from tests.support.serving import networks


@pytest.fixture(scope="session")
def told(serving, request: pytest.FixtureRequest) -> dict:
    """What the client got, and the names of the models asked."""
    models = [serving.register(made()) for made in (networks.plane, networks.thirds, networks.prices)]
    host = serving.url.removeprefix("http://")
    told = output_of("tritonclient", request.config, "triton_calls.py", host, *models)
    return told | {"plane": models[0], "thirds": models[1]}


def test_every_form_of_request_and_answer_tells_the_same_numbers(told):
    assert len(told["forms"]) == 18
    assert all(numbers == [33.0, 0.5] for numbers in told["forms"].values()), told["forms"]


def test_other_types_of_numbers_are_widened(told):
    assert told["types"] == {name: [33.0] for name in ("FP32", "FP16", "INT64", "UINT8", "INT8")}


def test_text_and_booleans_come_in_a_tensor_for_each_feature(told):
    assert told["by_feature"] == [115.0, 21.0]


def test_classes_are_told_by_probability_and_label(told):
    """Softmax of (ln 4, ln 2, 0) is 4/7, 2/7, 1/7."""
    assert told["classified"]["label"] == ["first"]
    assert told["classified"]["probabilities"] == pytest.approx([4 / 7, 2 / 7, 1 / 7], abs=1e-15)


def test_the_classification_extension_tells_the_likeliest(told):
    assert told["classified"]["best"] == ["0.571429:0:first", "0.285714:1:second"]
    assert told["classified"]["best_shape"] == [1, 2]


def test_the_answer_echoes_the_id_and_names_the_version(told):
    assert told["classified"]["response"] == {"id": "my-id", "model_version": "1", "model_name": told["thirds"]}


def test_failures_are_told_in_words(told):
    assert len(told["failures"]) == 7
    assert all(told["failures"].values()), told["failures"]
    assert not any("decoding the response" in message for message in told["failures"].values())


def test_the_server_tells_of_itself(told):
    about = told["about"]
    assert [about[name] for name in ("live", "ready", "model_ready", "version_ready", "unknown_ready")] == [
        True,
        True,
        True,
        True,
        False,
    ]
    assert {"binary_tensor_data", "classification", "model_repository", "statistics"} <= set(
        about["server"]["extensions"]
    )


def test_a_model_tells_its_tensors(told):
    model = told["about"]["model"]
    assert (model["name"], model["versions"], model["platform"]) == (told["plane"], ["1"], "feedforward_numpy")
    assert model["inputs"] == [{"name": "inputs", "datatype": "FP64", "shape": [-1, 2]}]
    [output] = model["outputs"]
    assert (output["name"], output["datatype"], output["shape"]) == ("predictions", "FP64", [-1, 1])


def test_the_configuration_names_the_same_tensors(told):
    config = told["about"]["config"]
    assert config["name"] == told["plane"]
    assert config["input"] == [{"name": "inputs", "data_type": "TYPE_FP64", "dims": [-1, 2]}]


def test_statistics_count_what_was_inferred(told):
    """18 forms of two rows and 5 types of one row; two of the failures reached the version."""
    [statistics] = told["about"]["statistics"]["model_stats"]
    assert (statistics["inference_count"], statistics["execution_count"]) == (41, 23)
    assert statistics["inference_stats"]["success"]["count"] == 23
    assert statistics["inference_stats"]["fail"]["count"] == 2
    assert statistics["last_inference"] > 0
    assert told["plane"] in {one["name"] for one in told["about"]["all_statistics"]["model_stats"]}


def test_the_index_lists_the_versions(told):
    assert {"name": told["plane"], "version": "1", "state": "READY", "reason": ""} in told["about"]["index"]


def test_the_asynchronous_client_works_as_well(told):
    answers = told["asynchronous"]
    assert answers["ready"]
    assert answers["model"]["name"] == told["plane"]
    assert [answers[name] for name in ("None", "gzip", "deflate")] == [[33.0, 0.5]] * 3
    assert answers["many"] == [2000 * 33.5, 4000]
