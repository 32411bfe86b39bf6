"""What is answered, for each task, each form of input and each way to name a version."""

import math

import pytest

from tests.support.serving import networks


def test_a_regression_answers_a_value(serving):
    model = serving.register(networks.plane())
    assert serving.predict(model, [{"a": 1, "b": 10}, {"b": 0.5, "a": -1}]) == [{"value": 33.0}, {"value": 0.5}]


def test_rows_may_be_lists_in_the_order_of_the_features(serving):
    model = serving.register(networks.plane())
    assert serving.predict(model, [[1, 10], [-1, 0.5]]) == [{"value": 33.0}, {"value": 0.5}]


def test_objects_and_lists_may_be_mixed(serving):
    model = serving.register(networks.plane())
    assert serving.predict(model, [[1, 10], {"a": 1, "b": 10}]) == [{"value": 33.0}, {"value": 33.0}]


def test_columns_are_the_quick_form(serving):
    model = serving.register(networks.plane())
    answer = serving.ask({"model": model, "columns": {"b": [10, 0.5], "a": [1, -1]}}).json()
    assert answer["predictions"] == [{"value": 33.0}, {"value": 0.5}]


def test_several_outputs_answer_values_by_name(serving):
    model = serving.register(networks.two_outputs())
    assert serving.predict(model, [[5, 3]]) == [{"values": {"sum": 8.0, "difference": 2.0}}]


def test_a_classification_answers_the_likeliest_class_and_all_probabilities(serving):
    model = serving.register(networks.thirds())
    [prediction] = serving.predict(model, [[math.log(2), 0]])
    assert prediction["label"] == "first"
    assert prediction["probabilities"] == pytest.approx({"first": 0.5, "second": 0.25, "third": 0.25}, abs=1e-15)


def test_a_label_has_the_json_type_of_training(serving):
    model = serving.register(networks.yes_or_no())
    [low, high] = serving.predict(model, [[-1], [math.log(3)]])
    assert (low["label"], high["label"]) == (False, True)
    assert high["probabilities"] == pytest.approx({"false": 0.25, "true": 0.75}, abs=1e-15)


def test_a_multilabel_network_answers_yes_or_no_for_each(serving):
    model = serving.register(networks.two_labels())
    [prediction] = serving.predict(model, [[math.log(3)]])
    assert prediction["labels"] == {"up": True, "down": False}
    assert prediction["probabilities"] == pytest.approx({"up": 0.75, "down": 0.25}, abs=1e-15)


def test_text_booleans_and_numbers_go_together(serving):
    model = serving.register(networks.prices())
    rows = [{"size": 5, "colour": "red", "new": True}, [1, "blue", False]]
    assert serving.predict(model, rows) == [{"value": 115.0}, {"value": 21.0}]


def test_order_in_is_order_out(serving):
    model = serving.register(networks.line())
    inputs = [[float(x % 97)] for x in range(1000)]
    assert [one["value"] for one in serving.predict(model, inputs)] == [2.0 * (x % 97) + 1.0 for x in range(1000)]


def test_the_answer_names_the_version_that_served_it(serving):
    model = serving.register(networks.line())
    serving.register(networks.line(slope=3.0), model)
    for reference, number in [(1, 1), ("1", 1), (2, 2), ("latest", 2), (None, 2)]:
        asked = {"model": model, "inputs": [[1]]} | ({} if reference is None else {"version": reference})
        response = serving.ask(asked)
        assert response.json()["version"] == number
        assert response.headers["Feedforward-Version"] == f"{model}/{number}"


def test_without_a_version_production_is_asked_where_it_is(serving):
    model = serving.register(networks.line())
    serving.register(networks.line(), model)
    serving.move(model, "production", 1)
    assert serving.ask({"model": model, "inputs": [[1]]}).json()["version"] == 1


def test_the_path_may_name_model_and_version(serving):
    model = serving.register(networks.line())
    serving.register(networks.line(slope=3.0), model)
    serving.move(model, "old", 1)
    body = {"inputs": [[1]]}
    assert serving.ask(body, f"/models/{model}/predict").json()["version"] == 2
    assert serving.ask(body | {"version": "old"}, f"/models/{model}/predict").json()["version"] == 1
    assert serving.ask(body, f"/models/{model}/versions/old/predict").json()["predictions"] == [{"value": 3.0}]


def test_values_outside_the_range_of_training_are_warned_of(serving):
    model = serving.register(networks.line())
    answer = serving.ask({"model": model, "inputs": [[1], [101], [100], [-100.5]]}).json()
    assert [(one["code"], one["row"], one["feature"]) for one in answer["warnings"]] == [
        ("outside-range", 1, "x"),
        ("outside-range", 3, "x"),
    ]
    assert answer["warning_count"] == 2


def test_a_category_never_seen_is_warned_of(serving):
    model = serving.register(networks.prices())
    answer = serving.ask({"model": model, "inputs": [[1, "blue", False], [1, "pink", False]]}).json()
    assert answer["predictions"] == [{"value": 21.0}, {"value": 1.0}]
    assert [(one["code"], one["row"], one["feature"]) for one in answer["warnings"]] == [
        ("unseen-category", 1, "colour")
    ]


def test_a_missing_value_is_filled_with_a_warning_where_training_met_one(serving):
    model = serving.register(networks.plane_with_gap())
    answer = serving.ask({"model": model, "inputs": [[1, None], [1, 2]]}).json()
    assert answer["predictions"] == [{"value": 123.0}, {"value": 8.0}]
    assert [(one["code"], one["row"], one["feature"]) for one in answer["warnings"]] == [("missing-filled", 0, "b")]


def test_at_most_a_hundred_warnings_are_told_and_all_are_counted(serving):
    model = serving.register(networks.line())
    answer = serving.ask({"model": model, "inputs": [[1000]] * 250}).json()
    assert (len(answer["warnings"]), answer["warning_count"]) == (100, 250)


def test_nothing_to_warn_of_is_an_empty_list(serving):
    model = serving.register(networks.line())
    assert serving.ask({"model": model, "inputs": [[1]]}).json() == {
        "model": model,
        "version": 1,
        "predictions": [{"value": 3.0}],
        "warnings": [],
    }
