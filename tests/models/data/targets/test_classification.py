"""One class out of several: its limits, its outputs for each activation, and the way back to probabilities."""

import numpy as np
import pytest
from scipy import special

from models.data.columns import Column, infer_table
from models.data.targets import target_from_json, target_to_json
from models.data.targets.classification import ClassTarget, learn_classes
from models.errors import BadLabel, BadRecipe
from models.specification import BinaryCrossEntropy, CrossEntropy, Hinge, Mse

TWO, THREE = ("a", "b"), ("a", "b", "c")
LABELS = [infer_table({"y": ["b", "a", "b"]})["y"]]


def column(*values):
    return infer_table({"y": list(values)})["y"]


@pytest.mark.parametrize(
    ("classes", "output", "n_outputs"),
    [(TWO, "sigmoid", 1), (TWO, "linear", 1), (TWO, "softmax", 2), (THREE, "sigmoid", 3), (THREE, "softmax", 3)],
)
def test_two_classes_need_one_output_except_for_softmax(classes, output, n_outputs):
    assert ClassTarget("y", classes, output).n_outputs == n_outputs


def test_one_output_is_trained_on_the_second_class_and_several_on_one_hot_rows():
    assert ClassTarget("y", TWO, "sigmoid").encode(LABELS).tolist() == [[1.0], [0.0], [1.0]]
    assert ClassTarget("y", TWO, "softmax").encode(LABELS).tolist() == [[0, 1], [1, 0], [0, 1]]
    assert ClassTarget("y", THREE, "sigmoid").encode(LABELS).tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(("n_classes", "is_accepted"), [(1, False), (2, True), (1000, True), (1001, False)])
def test_there_are_two_to_a_thousand_classes(n_classes, is_accepted):
    classes = tuple(range(n_classes))
    labels = column(*classes)
    if is_accepted:
        assert len(ClassTarget("y", classes, "softmax").classes) == len(learn_classes(labels)) == n_classes
        return
    with pytest.raises(ValueError, match="classes"):
        ClassTarget("y", classes, "softmax")
    with pytest.raises(BadLabel, match="class"):
        learn_classes(labels)


@pytest.mark.parametrize("threshold", [1e-9, 0.5, 1 - 1e-9])
def test_a_threshold_lies_inside_0_and_1(threshold):
    assert ClassTarget("y", TWO, "sigmoid", threshold=threshold).threshold == threshold


@pytest.mark.parametrize(("classes", "threshold"), [(TWO, 0.0), (TWO, 1.0), (TWO, -0.5), (THREE, 0.5)])
def test_a_threshold_outside_or_for_more_than_two_classes_is_rejected(classes, threshold):
    with pytest.raises(ValueError, match="threshold"):
        ClassTarget("y", classes, "softmax", threshold=threshold)


def test_classes_keep_the_json_type_that_they_had():
    assert learn_classes(column(True, False)) == (False, True)
    assert [type(value) for value in learn_classes(column(True, False))] == [bool, bool]
    assert [type(value) for value in learn_classes(column(2, 1.5))] == [float, int]
    assert [type(value) for value in learn_classes(column("2", "x"))] == [str, str]


@pytest.mark.parametrize(("value", "kind"), [(2.0**62, int), (-(2.0**62), int), (2.0**63, float), (-(2.0**63), float)])
def test_whole_numbers_that_fit_64_bits_stay_whole(value, kind):
    labels = Column("y", "number", np.array([0.5, value]))
    [number] = [one for one in learn_classes(labels) if one != 0.5]
    assert type(number) is kind
    assert number == value


@pytest.mark.parametrize(
    ("classes", "label_type", "texts"),
    [
        (("x", "y"), "category", ["x", "y"]),
        ((False, True), "boolean", ["false", "true"]),
        ((1, 2.5), "number", ["1", "2.5"]),
    ],
)
def test_the_type_of_the_label_is_that_of_its_classes(classes, label_type, texts):
    target = ClassTarget("y", classes, "softmax")
    assert (target.label_type, target.texts) == (label_type, texts)


def test_an_unknown_class_is_reported_with_its_row():
    with pytest.raises(BadLabel, match="'c' in row 1"):
        ClassTarget("y", TWO, "sigmoid").indices(column("a", "c", "d"))


LOGITS = np.array([[0.3, -1.0, 2.0], [5.0, 5.0, -5.0]])


@pytest.mark.parametrize(
    ("classes", "output", "outputs", "expected"),
    [
        (THREE, "softmax", special.softmax(LOGITS, axis=1), special.softmax(LOGITS, axis=1)),
        (THREE, "linear", LOGITS, special.softmax(LOGITS, axis=1)),
        (THREE, "sigmoid", np.array([[0.2, 0.2, 0.4], [0.0, 0.0, 0.0]]), [[0.25, 0.25, 0.5], [1 / 3] * 3]),
        (TWO, "sigmoid", np.array([[0.2], [0.9]]), [[0.8, 0.2], [0.1, 0.9]]),
        (TWO, "linear", np.array([[0.0], [2.0]]), [[0.5, 0.5], [special.expit(-2.0), special.expit(2.0)]]),
    ],
)
def test_outputs_become_probabilities_that_sum_to_1(classes, output, outputs, expected):
    probabilities = ClassTarget("y", classes, output).decoder()(outputs)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-12)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize(
    ("n_classes", "loss", "output"),
    [
        (2, None, "sigmoid"),
        (3, None, "softmax"),
        (2, CrossEntropy(), "softmax"),
        (3, BinaryCrossEntropy(), "sigmoid"),
        (2, Hinge(), "linear"),
        (3, Hinge(), "linear"),
        (2, Mse(), "sigmoid"),
        (3, Mse(), "softmax"),
    ],
)
def test_the_default_output_fits_the_classes_and_the_loss(n_classes, loss, output):
    assert ClassTarget.default_output(n_classes, loss) == output


@pytest.mark.parametrize(
    ("output", "name"), [("linear", "hinge"), ("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")]
)
def test_the_default_loss_fits_the_output(output, name):
    assert ClassTarget.default_loss(output).name == name


def test_a_classification_has_one_label_which_is_no_date():
    ClassTarget.check_labels([column("a", "b")])
    with pytest.raises(BadLabel, match="one label column"):
        ClassTarget.check_labels([column("a", "b"), column("c", "d")])
    with pytest.raises(BadLabel, match="date"):
        ClassTarget.check_labels([Column("y", "date", np.array(["2024-02-29"], "datetime64[us]"))])


def test_predictions_are_columns_of_the_class_and_of_each_probability():
    columns = ClassTarget("y", TWO, "sigmoid", threshold=0.3).prediction_columns(np.array([[0.7, 0.3], [0.8, 0.2]]))
    assert columns["prediction"].tolist() == ["b", "a"]
    assert columns["probability_a"].tolist() == [0.7, 0.8]
    assert columns["probability_b"].tolist() == [0.3, 0.2]


def test_a_target_comes_back_from_json_and_an_unknown_task_is_rejected():
    for target in (ClassTarget("y", TWO, "sigmoid", threshold=0.25), ClassTarget("y", (1, 2.5, 7), "softmax")):
        assert target_from_json(target_to_json(target)) == target
    for value in ({"task": "clustering"}, {"task": 1}, {}, []):
        with pytest.raises(BadRecipe, match="not a task"):
            target_from_json(value)
