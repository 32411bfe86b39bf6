"""Rows are judged however many they are, and labels that cannot be read are reported with their place."""

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.targets import ClassTarget, NumberTarget
from models.errors import BadColumn, BadLabel, UnknownColumn
from models.evaluation import evaluate as module
from models.evaluation.evaluate import evaluate, predict_in_parts, read_labels, report

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
