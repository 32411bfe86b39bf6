"""Several yes-or-no labels: what may be one, and how each is decided by itself."""

import numpy as np
import pytest
from scipy.special import expit

from models.data.columns import Column, infer_table
from models.data.targets.multilabel import LabelsTarget
from models.errors import BadLabel
from models.specification import BinaryCrossEntropy, Hinge


def test_each_label_is_decided_at_a_half():
    target = LabelsTarget(("a", "b"), "sigmoid")
    decided = target.decide(np.array([[0.5, 0.499], [0.51, 1.0]]))
    assert decided.tolist() == [[True, False], [True, True]]
    assert target.with_threshold(0.9) == target


def test_margins_become_probabilities_and_those_stay():
    outputs = np.array([[0.0, 2.0]])
    np.testing.assert_allclose(LabelsTarget(("a", "b"), "linear").decoder()(outputs), expit(outputs))
    np.testing.assert_array_equal(LabelsTarget(("a", "b"), "sigmoid").decoder()(outputs), outputs)


def test_predictions_are_columns_of_each_decision_and_each_probability():
    columns = LabelsTarget(("a", "b"), "sigmoid").prediction_columns(np.array([[0.2, 0.8]]))
    assert {name: values.tolist() for name, values in columns.items()} == {
        "prediction_a": [False],
        "prediction_b": [True],
        "probability_a": [0.2],
        "probability_b": [0.8],
    }


@pytest.mark.parametrize("values", [[0, 1, 1], [True, False, True], [1, 1, 1]])
def test_labels_are_booleans_or_0_and_1(values):
    LabelsTarget.check_labels(list(infer_table({"y": values}).values()))


@pytest.mark.parametrize(("values", "message"), [([0, 2], "2.0"), ([0, 0.5], "0.5"), (["yes", "no"], "text")])
def test_other_values_are_rejected(values, message):
    with pytest.raises(BadLabel, match=message):
        LabelsTarget.check_labels(list(infer_table({"y": values}).values()))


def test_a_date_is_rejected():
    with pytest.raises(BadLabel, match="date"):
        LabelsTarget.check_labels([Column("y", "date", np.array(["2024-02-29"], "datetime64[us]"))])


def test_there_is_at_least_one_label():
    assert LabelsTarget(("a",), "sigmoid").n_outputs == 1
    with pytest.raises(ValueError, match="at least one"):
        LabelsTarget((), "sigmoid")


def test_the_hinge_loss_needs_margins():
    assert LabelsTarget.default_output(0, Hinge()) == "linear"
    assert LabelsTarget.default_output(0, None) == "sigmoid"
    assert LabelsTarget.default_loss("linear") == Hinge()
    assert LabelsTarget.default_loss("sigmoid") == BinaryCrossEntropy()
