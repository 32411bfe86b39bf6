"""Rows are judged however many they are, and labels that cannot be read are reported with their place."""

from dataclasses import replace

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.targets import ClassTarget, NumberTarget
from models.errors import BadColumn, BadLabel, NotANumber, UnknownColumn
from models.evaluation import evaluate as module
from models.evaluation.evaluate import evaluate, labelled_rows, predict_in_parts, read_labels, report
from models.fitting.fit import fit, prepare
from models.network.network import Network
from models.specification import Recipe

NUMBERS = NumberTarget(("y",), (0.0,), (1.0,))
CLASSES = ClassTarget("y", ("a", "b"), "sigmoid")


@pytest.mark.parametrize("n_rows", [0, 1, 10, 11, 25])
def test_rows_predicted_in_parts_are_predicted_as_a_whole(networks, table_of, monkeypatch, n_rows):
    trained = networks["plain"]
    inputs = trained.inputs(table_of(trained))[:n_rows]
    whole = trained.outputs_of(inputs)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 10)
    parts = predict_in_parts(trained, inputs)
    assert parts.shape == whole.shape == (n_rows, 3)
    np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-7)


def test_a_metric_that_overflows_is_none_and_the_others_stay():
    labels = list(infer_table({"y": [0.0, 1.0]}).values())
    metrics = report(NUMBERS, labels, np.array([[1e200], [1.0]]))
    assert (metrics["mse"], metrics["rows"]) == (None, 2)
    assert metrics["mae"] == pytest.approx(5e199)


@pytest.mark.parametrize(
    ("rows", "error", "location"),
    [
        ({"z": ["a"]}, UnknownColumn, ["label"]),
        ({"y": ["a", None]}, BadLabel, ["label"]),
        ({"y": [["a"], ["b"]]}, BadColumn, ["y"]),
    ],
)
def test_labels_that_cannot_be_read_are_reported_with_their_place(rows, error, location):
    with pytest.raises(error) as raised:
        read_labels(CLASSES, rows)
    assert raised.value.location == location


def test_the_first_row_without_a_label_is_named():
    with pytest.raises(BadLabel, match="missing in row 2"):
        read_labels(CLASSES, {"y": ["a", "b", None, None]})


def test_rows_without_a_label_are_left_out_for_every_network_that_reads_them():
    table = infer_table({"y": ["a", None, "b", "a"], "x": [1, 2, 3, 4]})
    other = infer_table({"y": ["a", "b", "b", None], "x": [5, 6, 7, 8]})
    first, second = labelled_rows([CLASSES, CLASSES], [table, other])
    assert (first["x"].values.tolist(), second["x"].values.tolist()) == ([1, 3], [5, 7])
    with pytest.raises(BadLabel, match="no row has a label"):
        labelled_rows([CLASSES], [infer_table({"y": ["a", None]}) | infer_table({"y": [None, None]})])


def test_numbers_that_were_read_as_text_are_numbers_again():
    [column] = read_labels(NUMBERS, {"y": ["9007199254740993", "5"]})
    assert column.values.tolist() == [9007199254740992.0, 5.0]
    [column] = read_labels(NUMBERS, infer_table({"y": ["9007199254740993", "5"]}))
    assert column.values.tolist() == [9007199254740992.0, 5.0]
    with pytest.raises(BadColumn):
        read_labels(NUMBERS, {"y": [True, 5]})


def test_a_network_is_evaluated_on_the_rows_that_are_given(networks, table_of):
    trained = networks["plain"]
    assert evaluate(trained, table_of(trained))["rows"] == 150


LABELS = {
    "classification": {"y": ["a", "b", "c"] * 20},
    "multilabel": {"y": [True, False] * 30, "z": [False, False, True] * 20},
    "regression": {"y": np.linspace(0, 1, 60)},
}


def table(task):
    return infer_table({"x": np.arange(60.0), "w": np.arange(60.0) % 7} | LABELS[task])


def recipe(task, **request):
    labels = list(LABELS[task])
    label = labels if len(labels) > 1 else labels[0]
    return Recipe.from_json({"label": label, "task": task, "network": {"hidden": [16]}} | request)


@pytest.mark.parametrize("task", LABELS)
def test_a_network_that_predicts_nan_has_no_figures(task):
    trained = fit(prepare(table(task), recipe(task, training={"epochs": 1}))).trained
    network = Network(trained.specification, trained.network.n_inputs, trained.network.n_outputs)
    network.parameters[...] = np.random.default_rng(1).choice([3e38, -3e38], network.parameters.size)
    with np.errstate(all="ignore"), pytest.raises(NotANumber, match=r"NaN for \d+ of 60 rows"):
        evaluate(replace(trained, network=network), table(task))


def test_a_training_whose_last_step_explodes_is_refused():
    training = {"epochs": 1, "batch_size": 60, "optimizer": {"name": "sgd", "learning_rate": 1e38}}
    request = recipe("classification", validation={"fraction": 0}, training=training)
    with pytest.raises(NotANumber, match="lower learning_rate"):
        fit(prepare(table("classification"), request))
