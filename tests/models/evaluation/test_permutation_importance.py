"""Importance is the mean drop of the score over shuffles: exact where the drop can be counted by hand."""

import numpy as np
import pytest

from models.data.columns import Column, infer_table
from models.evaluation.permutation_importance import permutation_importance
from models.fitting.fit import fit, prepare
from models.specification import Lbfgs, NetworkSpecification, Recipe, TrainingSpecification


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x = rng.choice([-2.0, 2.0], 200)
    return infer_table({"x": x, "unused": rng.normal(size=200), "y": np.where(x > 0, "a", "b").tolist()})


@pytest.fixture(scope="module")
def trained(table):
    training = TrainingSpecification(epochs=20, optimizer=Lbfgs())
    return fit(prepare(table, Recipe(label="y", network=NetworkSpecification(hidden=()), training=training))).trained


def test_it_is_the_mean_and_deviation_of_the_drops_in_accuracy(table, trained):
    used, unused = permutation_importance(trained, table, repeats=4, seed=3)
    rng, drops = np.random.default_rng(3), []
    for _ in range(4):
        shuffled = table["x"].values[rng.permutation(200)]
        drops.append(np.mean(shuffled != table["x"].values))  # the network separates the classes by x alone
    assert (used.feature, unused.feature) == ("x", "unused")
    assert (used.mean, used.deviation) == (pytest.approx(np.mean(drops)), pytest.approx(np.std(drops)))
    assert (unused.mean, unused.deviation) == (0.0, 0.0)


def test_the_table_is_left_as_it_was(table, trained):
    before = {name: column.values.copy() for name, column in table.items()}
    permutation_importance(trained, table, repeats=1)
    for name, values in before.items():
        assert isinstance(table[name], Column)
        np.testing.assert_array_equal(table[name].values, values)
