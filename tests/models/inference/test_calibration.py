"""What is kept of held-out rows: sorted scores with their ranks, counted by hand."""

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.targets import ClassTarget, LabelsTarget, NumberTarget
from models.inference.calibration import Scores, Spread, calibrate, calibrate_by_spread, tempered

NUMBERS = NumberTarget(("y",), (0.0,), (1.0,))


def labels(*values):
    return list(infer_table({"y": list(values)}).values())


@pytest.mark.parametrize(("n_rows", "n_kept"), [(1, 1), (199, 199), (200, 200), (201, 200), (5000, 200)])
def test_at_most_two_hundred_scores_are_kept_the_first_and_last_among_them(n_rows, n_kept):
    scores = Scores.of(np.random.default_rng(0).permutation(np.arange(1.0, n_rows + 1)))
    assert (scores.rows, len(scores.values)) == (n_rows, n_kept)
    assert (scores.ranks[0], scores.ranks[-1]) == (1, n_rows)
    assert scores.values == tuple(map(float, scores.ranks))  # the score of each rank is the rank itself


@pytest.mark.parametrize(("ranks", "values"), [((), ()), ((1, 2), (0.5,)), ((2, 1), (0.1, 0.2)), ((1, 1), (0.1, 0.2))])
def test_ranks_rise_and_each_has_a_value(ranks, values):
    with pytest.raises(ValueError, match="rising rank"):
        Scores(3, ranks, values)


def test_a_coverage_that_needs_exactly_the_last_row_is_promised():
    scores = Scores.of(np.arange(1.0, 20.0))  # n = 19: (n + 1) · 0.95 = 19
    assert scores.quantile(0.95) == 19.0
    assert scores.quantile(0.9501) == np.inf


def test_errors_of_each_output_are_kept():
    target = NumberTarget(("y", "z"), (0.0, 0.0), (1.0, 1.0))
    columns = list(infer_table({"y": [1.0, 2.0], "z": [3.0, 4.0]}).values())
    calibration = calibrate(target, columns, np.array([[1.5, 3.0], [1.0, 8.0]]))
    assert [scores.values for scores in calibration.scores] == [(0.5, 1.0), (0.0, 4.0)]
    assert calibration.temperature is None


def test_an_error_beyond_all_numbers_and_labels_of_yes_or_no_are_not_calibrated():
    assert calibrate(NUMBERS, labels(1.0, 2.0), np.array([[1.0], [np.inf]])) is None
    yes_or_no = LabelsTarget(("y",), "sigmoid")
    assert calibrate(yes_or_no, labels(True, False), np.array([[0.5], [0.5]])) is None


def test_the_score_of_a_class_is_what_its_tempered_probability_lacks():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
    calibration = calibrate(ClassTarget("y", ("a", "b"), "sigmoid"), labels("a", "b", "b", "a"), probabilities)
    scaled = tempered(probabilities, calibration.temperature)
    assert calibration.scores[0].values == pytest.approx(np.sort(1 - scaled[np.arange(4), [0, 1, 1, 0]]))


def test_normalised_scores_are_errors_in_units_of_the_expected_one():
    plain = calibrate(NUMBERS, labels(0.0, 0.0), np.array([[1.0], [4.0]]))
    spread = Spread((1.0,), 0.0)
    inputs = np.log(np.array([[2.0], [4.0]]))
    calibration = calibrate_by_spread(plain, np.array([[1.0], [4.0]]), inputs, (spread,))
    # exp(x) is 2 and 4, and a thousandth of exp(bias) is added
    assert calibration.normalised[0].values == pytest.approx((1 / 2.001, 4 / 4.001))
    assert (calibration.scores, calibration.spreads) == (plain.scores, (spread,))


def test_an_expected_error_neither_overflows_nor_vanishes():
    spread = Spread((1.0,), 0.0).of(np.array([[1e6], [-1e6]]))
    assert spread == pytest.approx([np.exp(30) + 1e-3, np.exp(-30) + 1e-3])
