"""The paired bootstrap: against the normal approximation, against every resample of a small case, and at its edges."""

from itertools import product

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.targets import ClassTarget, LabelsTarget, NumberTarget
from models.evaluation import bootstrap
from models.evaluation.bootstrap import Difference, RowScores, paired_bootstrap, verdict


def test_it_agrees_with_every_resample_of_a_small_case():
    first, second = np.array([1.0, 0.0, 2.0, 1.0]), np.array([2.0, 0.5, 1.0, 1.5])
    differences = second - first
    means = np.array([differences[list(rows)].mean() for rows in product(range(4), repeat=4)])
    above = (means > 0).mean() + 0.5 * (means == 0).mean()
    found = paired_bootstrap(first, second, resamples=20_000)
    assert found.difference == differences.mean() == 0.25
    assert found.positive_share == pytest.approx(above, abs=0.015)
    assert found.low == pytest.approx(np.quantile(means, 0.025), abs=0.13)
    assert found.high == pytest.approx(np.quantile(means, 0.975), abs=0.13)


def test_with_many_rows_it_is_the_normal_interval():
    rng = np.random.default_rng(3)
    first = (rng.random(4000) < 0.80).astype(float)
    second = np.where(rng.random(4000) < 0.05, 1 - first, first)
    differences = second - first
    error = 1.96 * differences.std() / np.sqrt(differences.size)
    found = paired_bootstrap(first, second)
    assert found.low == pytest.approx(differences.mean() - error, abs=0.1 * error)
    assert found.high == pytest.approx(differences.mean() + error, abs=0.1 * error)


def test_pairs_see_what_two_separate_intervals_do_not():
    rng = np.random.default_rng(4)
    hard = rng.normal(0, 10, 500)
    found = paired_bootstrap(hard, hard + 0.1 + rng.normal(0, 0.5, 500))
    assert verdict("accuracy", found) == "better"
    assert verdict("mae", found) == "worse"


def test_a_network_is_not_better_than_itself():
    found = paired_bootstrap(np.arange(50.0), np.arange(50.0))
    assert (found.difference, found.low, found.high, found.positive_share) == (0, 0, 0, 0.5)
    assert verdict("log_loss", found) == "not clear"


def test_the_same_rows_give_the_same_answer():
    rng = np.random.default_rng(5)
    first, second = rng.random(100), rng.random(100)
    assert paired_bootstrap(first, second) == paired_bootstrap(first, second)


def by_row(target, predicted, **labels):
    columns = list(infer_table(labels).values())
    return {name: values.tolist() for name, values in RowScores(target, columns, predicted).values_by_row().items()}


def test_each_row_of_a_classification_is_right_or_wrong_and_costs_its_logarithm():
    scores = by_row(ClassTarget("y", ("a", "b"), "sigmoid"), np.array([[0.75, 0.25], [1.0, 0.0]]), y=["a", "b"])
    assert scores["accuracy"] == [1, 0]
    assert scores["log_loss"] == pytest.approx([np.log(4 / 3), np.log(1e15)])


def test_each_row_of_several_labels_has_its_share_of_right_ones():
    scores = by_row(
        LabelsTarget(("p", "q"), "sigmoid"), np.array([[0.5, 0.4], [0.9, 0.9]]), p=[True, False], q=[True, True]
    )
    assert scores == {"label_accuracy": [0.5, 0.5]}


def test_each_row_of_a_regression_has_its_errors_averaged_over_the_outputs():
    target = NumberTarget(("p", "q"), (0.0, 0.0), (1.0, 1.0), "identity")
    scores = by_row(target, np.array([[1.0, 5.0], [2.0, 2.0]]), p=[2.0, 2.0], q=[2.0, 2.0])
    assert scores == {"mse": [5.0, 0.0], "mae": [2.0, 0.0]}


@pytest.mark.parametrize(
    ("low", "high", "accuracy", "loss"),
    [
        (0.1, 0.2, "better", "worse"),
        (-0.2, -0.1, "worse", "better"),
        (0.0, 0.1, "not clear", "not clear"),
        (-0.1, 0.0, "not clear", "not clear"),
        (-0.1, 0.1, "not clear", "not clear"),
    ],
)
def test_only_an_interval_without_0_is_a_verdict(low, high, accuracy, loss):
    difference = Difference(difference=0.0, low=low, high=high, positive_share=0.5, resamples=200)
    assert (verdict("accuracy", difference), verdict("log_loss", difference)) == (accuracy, loss)


@pytest.mark.parametrize(("resamples", "draws", "expected"), [(1000, 10**9, 1000), (1000, 3000, 300), (1000, 100, 200)])
def test_many_rows_are_resampled_less_often_but_two_hundred_times(monkeypatch, resamples, draws, expected):
    monkeypatch.setattr(bootstrap, "MOST_DRAWS", draws)
    assert paired_bootstrap(np.zeros(10), np.ones(10), resamples=resamples).resamples == expected


def test_a_resample_without_a_difference_counts_half():
    # one of two rows differs: a resample has it with probability 3/4, and else a difference of 0
    found = paired_bootstrap(np.zeros(2), np.array([1.0, 0.0]), resamples=4_000)
    assert found.positive_share == pytest.approx(0.75 + 0.125, abs=0.02)
    assert (found.low, found.high) == (0.0, 1.0)
