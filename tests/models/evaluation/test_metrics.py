"""Every figure agrees with scikit-learn's to 1e-12, and the calibration error with a hand calculation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer

from models.evaluation.metrics import (
    classification_report,
    is_smaller_better,
    multilabel_report,
    regression_report,
)
from models.evaluation.metrics.probability import (
    binary_log_loss,
    calibration_bins,
    calibration_error,
    log_loss,
    macro_roc_auc,
    roc_auc,
)
from models.evaluation.metrics.regression import r2

CLOSE = {"rel": 1e-12, "abs": 1e-12}


@st.composite
def classified(draw):
    """Class indices and probabilities of every class, with ties and with classes that may be rare."""
    n_classes = draw(st.integers(2, 5))
    n_rows = draw(st.integers(n_classes, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    truth = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n_rows - n_classes)])
    scores = rng.integers(1, draw(st.sampled_from([3, 1000])), (n_rows, n_classes)) / 7
    return truth, scores / scores.sum(axis=1, keepdims=True)


@given(classified())
@settings(max_examples=60, deadline=None)
def test_classification_figures_agree_with_scikit_learn(case):
    truth, probabilities = case
    n_classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    report = classification_report(truth, probabilities, [str(k) for k in range(n_classes)])
    assert report["confusion_matrix"] == peer.confusion_matrix(truth, predicted).tolist()
    assert report["accuracy"] == pytest.approx(peer.accuracy_score(truth, predicted), **CLOSE)
    assert report["balanced_accuracy"] == pytest.approx(peer.balanced_accuracy_score(truth, predicted), **CLOSE)
    assert report["log_loss"] == pytest.approx(peer.log_loss(truth, probabilities), **CLOSE)
    scores = probabilities[:, 1] if n_classes == 2 else probabilities
    assert report["roc_auc"] == pytest.approx(peer.roc_auc_score(truth, scores, multi_class="ovr"), **CLOSE)
    _agree_on_averages(report, truth, predicted)


@given(st.integers(0, 2**32), st.integers(3, 30), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_multilabel_figures_agree_with_scikit_learn(seed, n_rows, n_labels):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, (n_rows, n_labels))
    truth[:2] = [[0], [1]]
    probabilities = rng.random((n_rows, n_labels))
    predicted = (probabilities >= 0.5).astype(int)
    report = multilabel_report(truth, probabilities, [str(k) for k in range(n_labels)])
    per_label = [peer.log_loss(truth[:, k], probabilities[:, k]) for k in range(n_labels)]
    areas = [peer.roc_auc_score(truth[:, k], probabilities[:, k]) for k in range(n_labels)]
    assert report["accuracy"] == pytest.approx(np.mean(np.all(truth == predicted, axis=1)), **CLOSE)
    assert report["hamming_loss"] == pytest.approx(peer.hamming_loss(truth, predicted), **CLOSE)
    assert report["log_loss"] == pytest.approx(np.mean(per_label), **CLOSE)
    assert report["roc_auc"] == pytest.approx(np.mean(areas), **CLOSE)
    if n_labels > 1:
        _agree_on_averages(report, truth, predicted)


def _agree_on_averages(report, truth, predicted):
    for average in ("macro", "weighted"):
        figures = peer.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)
        for name, expected in zip(("precision", "recall", "f1"), figures, strict=False):
            assert report[f"{name}_{average}"] == pytest.approx(expected, **CLOSE)


@given(st.integers(0, 2**32), st.integers(2, 30), st.integers(1, 3), st.sampled_from([1e-3, 1.0, 1e6]))
@settings(max_examples=60, deadline=None)
def test_regression_figures_agree_with_scikit_learn(seed, n_rows, n_outputs, size):
    rng = np.random.default_rng(seed)
    truth, predicted = rng.normal(size=(2, n_rows, n_outputs)) * size
    report = regression_report(truth, predicted)
    assert report["r2"] == pytest.approx(peer.r2_score(truth, predicted), **CLOSE)
    assert report["rmse"] == pytest.approx(peer.root_mean_squared_error(truth, predicted), **CLOSE)
    assert report["mae"] == pytest.approx(peer.mean_absolute_error(truth, predicted), **CLOSE)
    assert report["mse"] == pytest.approx(peer.mean_squared_error(truth, predicted), **CLOSE)


@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_r2_of_a_constant_truth_is_what_scikit_learn_says(offset):
    truth = np.full((4, 1), 3.0)
    assert regression_report(truth, truth + offset)["r2"] == peer.r2_score(truth, truth + offset)


def test_the_calibration_error_is_the_hand_calculated_one():
    # Guo et al. 2017, equation 3, with 2 bins: (0, 0.5] holds 0.4 (right), (0.5, 1] holds 0.8 (right), 0.6 (wrong).
    # 1/3 |1 - 0.4| + 2/3 |0.5 - 0.7| = 0.2 + 0.4/3
    bins = calibration_bins(np.array([0.4, 0.8, 0.6]), np.array([True, True, False]), n_bins=2)
    assert calibration_error(bins) == pytest.approx(0.2 + 0.4 / 3, **CLOSE)


def test_a_label_is_as_certain_as_its_likelier_value():
    # p = 0.9 says yes with certainty 0.9, p = 0.2 says no with certainty 0.8; both are right: (0.1 + 0.2) / 2
    report = multilabel_report(np.array([[1, 0]]), np.array([[0.9, 0.2]]), ["a", "b"])
    assert report["calibration_error"] == pytest.approx(0.15, **CLOSE)


def test_what_is_not_defined_is_none_and_not_a_number():
    one_class_occurs = classification_report(np.array([0, 0]), np.array([[0.9, 0.1], [0.8, 0.2]]), ["a", "b"])
    assert one_class_occurs["roc_auc"] is None
    assert regression_report(np.ones((1, 1)), np.ones((1, 1)))["r2"] is None


@pytest.mark.parametrize(("n_classes", "has_matrix"), [(100, True), (101, False)])
def test_the_confusion_matrix_of_up_to_a_hundred_classes_is_reported(n_classes, has_matrix):
    truth = np.arange(n_classes)
    report = classification_report(truth, np.eye(n_classes), [str(k) for k in truth])
    assert ("confusion_matrix" in report) is has_matrix
    assert ("classes" in report) is has_matrix
    assert report["accuracy"] == 1.0


def test_classes_that_do_not_occur_count_in_no_mean():
    # class 2 is neither true nor predicted; class 1 is true once and never predicted
    report = classification_report(np.array([0, 0, 1]), np.eye(3)[[0, 0, 0]], ["a", "b", "c"])
    assert report["balanced_accuracy"] == pytest.approx((1 + 0) / 2)
    assert report["precision_macro"] == pytest.approx((2 / 3 + 0) / 2)
    assert report["recall_weighted"] == pytest.approx((2 * 1 + 1 * 0) / 3)
    assert [one["rows"] for one in report["classes"]] == [2, 1, 0]
    assert [one["name"] for one in report["classes"]] == ["a", "b", "c"]


def test_a_threshold_decides_what_is_predicted_and_not_what_is_probable():
    truth, probabilities = np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.7, 0.3], [0.4, 0.6]])
    report = classification_report(truth, probabilities, ["a", "b"], threshold=0.3)
    assert report["accuracy"] == 1.0
    assert report["log_loss"] == pytest.approx(peer.log_loss(truth, probabilities))
    # the certainty of what is predicted: 0.9, 0.3 and 0.6, all right
    assert report["calibration_error"] == pytest.approx((0.1 + 0.7 + 0.4) / 3)


def test_certainty_falls_into_fifteen_intervals_that_include_their_upper_ends():
    confidence = np.array([0.0, 1 / 15, 1 / 15 + 1e-9, 0.999, 1.0])
    bins = calibration_bins(confidence, np.array([True, False, True, True, False]))
    assert [one.rows for one in bins] == [2, 1, 2]
    assert [one.accuracy for one in bins] == [0.5, 1.0, 0.5]
    assert bins[0].confidence == pytest.approx(1 / 30)
    assert calibration_bins(np.array([]), np.array([])) == []


def test_equal_scores_share_their_rank():
    assert roc_auc(np.array([1, 0, 1, 0]), np.array([0.5, 0.5, 0.5, 0.5])) == 0.5
    assert roc_auc(np.array([1, 1]), np.array([0.5, 0.6])) is None
    assert macro_roc_auc(np.array([[1, 1], [0, 1]]), np.array([[0.9, 0.5], [0.1, 0.5]])) is None
    assert macro_roc_auc(np.zeros((3, 0)), np.zeros((3, 0))) is None


def test_a_probability_of_0_costs_the_logarithm_of_one_rounding_step():
    expected = -np.log(np.finfo(float).eps)
    assert log_loss(np.array([1]), np.array([[1.0, 0.0]])) == pytest.approx(expected)
    assert binary_log_loss(np.array([[1], [0]]), np.array([[0.0], [1.0]])) == pytest.approx(expected)


def test_r2_with_weights_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    truth, predicted, weight = rng.normal(size=(20, 2)), rng.normal(size=(20, 2)), rng.random(20)
    assert r2(truth, predicted, weight) == pytest.approx(peer.r2_score(truth, predicted, sample_weight=weight))


def test_two_rows_have_an_r2_and_labels_that_are_all_wrong_a_hamming_loss_of_1():
    assert regression_report(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]))["r2"] == 1.0
    report = multilabel_report(np.array([[1, 0], [0, 1]]), np.array([[0.4, 0.5], [0.9, 0.1]]), ["a", "b"])
    assert (report["accuracy"], report["hamming_loss"], report["rows"]) == (0.0, 1.0, 2)


@pytest.mark.parametrize("metric", ["loss", "log_loss", "hamming_loss", "calibration_error", "mae", "rmse", "mse"])
def test_losses_and_errors_are_better_where_they_are_smaller(metric):
    assert is_smaller_better(metric)


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "r2", "f1_macro"])
def test_other_metrics_are_better_where_they_are_larger(metric):
    assert not is_smaller_better(metric)
