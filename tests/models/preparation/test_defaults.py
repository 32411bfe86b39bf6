"""The choices that a recipe leaves open: plain ones train as well as scikit-learn's, and follow the number of rows."""

import warnings

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_wine, make_friedman1, make_moons
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models import Classifier, Regressor
from models.data.columns import infer_table
from models.fitting.fit import prepare
from models.specification import Recipe, TrainingSpecification

SETS = {
    "wine": (load_wine(return_X_y=True), True),
    "moons": (make_moons(400, noise=0.2, random_state=0), True),
    "diabetes": (load_diabetes(return_X_y=True), False),
    "friedman1": (make_friedman1(600, noise=1.0, random_state=0), False),
}


def peer(is_classification, seed):
    if is_classification:
        return make_pipeline(StandardScaler(), MLPClassifier(random_state=seed))
    network = TransformedTargetRegressor(MLPRegressor(random_state=seed), transformer=StandardScaler())
    return make_pipeline(StandardScaler(), network)


@pytest.mark.parametrize("name", SETS)
def test_plain_defaults_are_as_good_as_scikit_learns_network_with_a_scaler(name):
    (x, y), is_classification = SETS[name]
    differences = []
    for seed in range(4):
        parts = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y if is_classification else None)
        ours = (Classifier if is_classification else Regressor)(random_state=seed).fit(parts[0], parts[2])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged within its own 200 epochs
            theirs = peer(is_classification, seed).fit(parts[0], parts[2])
        differences.append(ours.score(parts[1], parts[3]) - theirs.score(parts[1], parts[3]))
    spread = np.std(differences, ddof=1) / 2
    assert np.mean(differences) >= -0.01 - 2 * spread


def filled(n_rows, **training):
    table = infer_table({"x": np.arange(n_rows, dtype=float), "y": np.arange(n_rows) % 7 / 3})
    return prepare(table, Recipe(label="y", training=TrainingSpecification(**training))).recipe.training


@pytest.mark.parametrize(
    ("n_rows", "batch_size", "patience"),
    [
        (15, 12, 100),  # 12 rows train, fewer than a batch of 16
        (150, 16, 100),  # 120 rows in 8 steps: 4,000 steps are 500 epochs, and 100 the most
        (4000, 64, 80),  # 3,200 rows: 64 · 50 of them, in 50 steps
        (40_000, 256, 32),  # 32,000 rows in 125 steps
        (400_000, 256, 20),  # 1,250 steps an epoch, and 20 the fewest epochs
    ],
)
def test_batches_grow_with_the_rows_and_patience_is_counted_in_steps(n_rows, batch_size, patience):
    training = filled(n_rows)
    assert (training.batch_size, training.early_stopping.patience) == (batch_size, patience)


def test_a_given_number_of_epochs_is_trained_in_full_and_as_it_stands():
    training = filled(150, epochs=30)
    assert (training.epochs, training.early_stopping, training.averaged_weights) == (30, False, None)
