"""The choices that a recipe leaves open: plain ones train as well as scikit-learn's, and follow the number of rows."""

import os
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
from models.errors import BadRecipe
from models.fitting.fit import prepare
from models.preparation.defaults import (
    choose_threads,
    fill_choices,
    fill_threads,
    fill_training,
    fill_validation,
    require_threshold,
    seed_of,
)
from models.specification import (
    EarlyStopping,
    Hinge,
    Lbfgs,
    NetworkSpecification,
    Poisson,
    Recipe,
    TrainingSpecification,
    ValidationSpecification,
)

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


@pytest.mark.parametrize(("n_training", "batch_size"), [(800, 16), (801, 32), (1600, 32), (1601, 64), (12_801, 256)])
def test_a_batch_doubles_where_an_epoch_would_have_more_than_fifty_steps(n_training, batch_size):
    training = fill_training(Recipe(label="y"), n_training, validates=True).training
    assert training.batch_size == batch_size


def test_lbfgs_reads_all_rows_at_once_and_a_chosen_batch_size_stays():
    lbfgs = Recipe(label="y", training=TrainingSpecification(optimizer=Lbfgs(), batch_size=8))
    assert fill_training(lbfgs, 1000, validates=True).training.batch_size == 1000
    chosen = Recipe(label="y", training=TrainingSpecification(batch_size=8))
    assert fill_training(chosen, 1000, validates=True).training.batch_size == 8


def test_without_held_out_rows_there_are_200_epochs_and_no_early_end():
    training = fill_training(Recipe(label="y"), 1000, validates=False).training
    assert (training.epochs, training.early_stopping, training.averaged_weights) == (200, False, None)
    training = fill_training(Recipe(label="y"), 1000, validates=True).training
    assert (training.epochs, training.averaged_weights) == (1000, 0.98)


@pytest.mark.parametrize(
    ("choices", "averaged"),
    [
        ({"averaged_weights": 0.5}, 0.5),
        ({"early_stopping": EarlyStopping(patience=3)}, None),
        ({"early_stopping": False}, None),
    ],
)
def test_weights_are_averaged_by_default_only_where_stopping_is_a_default_too(choices, averaged):
    recipe = Recipe(label="y", training=TrainingSpecification(**choices))
    assert fill_training(recipe, 1000, validates=True).training.averaged_weights == averaged


def test_early_stopping_by_the_training_loss_needs_no_held_out_rows():
    by_loss = TrainingSpecification(early_stopping=EarlyStopping(metric="loss"))
    assert fill_training(Recipe(label="y", training=by_loss), 100, validates=False).training.epochs == 1000
    by_validation = TrainingSpecification(early_stopping=EarlyStopping())
    with pytest.raises(BadRecipe) as error:
        fill_training(Recipe(label="y", training=by_validation), 100, validates=False)
    assert error.value.location == ["training", "early_stopping"]


def test_the_seed_is_7_unless_the_recipe_sets_it():
    assert seed_of(Recipe(label="y")) == 7
    assert seed_of(Recipe(label="y", training=TrainingSpecification(seed=0))) == 0


@pytest.mark.parametrize(
    ("hidden", "batch_size", "available", "threads"),
    [
        ((10, 10), 1, 8, 1),
        ((1000, 1000), 7, 8, 1),  # 7 million multiplications
        ((1000, 1000), 8, 8, 2),  # 8 million
        ((1000, 1000), 16, 8, 3),
        ((1000, 1000), 1000, 4, 4),
        ((1000, 1000), 1000, 1, 1),
    ],
)
def test_a_thread_is_added_for_every_eight_million_multiplications(hidden, batch_size, available, threads):
    network = NetworkSpecification(hidden=hidden)
    assert choose_threads(network, 10, 1, batch_size, available) == threads


@pytest.mark.parametrize(("n_inputs", "n_outputs"), [(8000, 1), (1, 8000)])
def test_the_largest_product_counts_wherever_it_is(n_inputs, n_outputs):
    assert choose_threads(NetworkSpecification(hidden=(1000,)), n_inputs, n_outputs, 1, 8) == 2


def test_a_chosen_number_of_threads_stays():
    assert fill_threads(Recipe(label="y", training=TrainingSpecification(threads=3)), 10, 1).training.threads == 3
    assert fill_threads(Recipe(label="y"), 10, 1).training.threads == 1
    wide = Recipe(label="y", network=NetworkSpecification(hidden=(4000, 4000)))  # 16 million for a single row
    assert fill_threads(wide, 10, 1).training.threads == min(3, os.cpu_count())


@pytest.mark.parametrize(
    ("threshold", "n_classes", "validates", "is_accepted"),
    [
        (None, 0, False, True),
        (0.3, 2, False, True),
        ("f1", 2, True, True),
        ("f1", 2, False, False),
        (0.3, 3, True, False),
        (0.3, 0, True, False),
    ],
)
def test_a_threshold_is_for_two_classes_and_chosen_on_held_out_rows(threshold, n_classes, validates, is_accepted):
    recipe = Recipe(label="y", threshold=threshold)
    if is_accepted:
        require_threshold(recipe, n_classes, validates)
        return
    with pytest.raises(BadRecipe) as error:
        require_threshold(recipe, n_classes, validates)
    assert error.value.location == ["threshold"]


@pytest.mark.parametrize(
    ("validation", "can_stratify", "method"),
    [
        ({}, True, "stratified"),
        ({}, False, "random"),
        ({"fraction": 0.0}, True, None),
        ({"fraction": 0.0, "folds": 3}, True, "stratified"),
        ({"dataset": "other"}, True, None),
        ({"method": "random"}, True, "random"),
    ],
)
def test_rows_are_split_by_class_where_that_can_be_done(validation, can_stratify, method):
    recipe = Recipe(label="y", task="classification", validation=ValidationSpecification(**validation))
    assert fill_validation(recipe, can_stratify).validation.method == method


def test_only_classes_are_stratified():
    recipe = Recipe(label="y", task="regression", validation=ValidationSpecification(method="stratified"))
    with pytest.raises(BadRecipe) as error:
        fill_validation(recipe, can_stratify=False)
    assert error.value.location == ["validation", "method"]


@pytest.mark.parametrize(
    ("choices", "location"),
    [
        ({"network": NetworkSpecification(output="exponential")}, ["network", "output"]),
        ({"training": TrainingSpecification(loss=Poisson())}, ["training", "loss"]),
        ({"network": NetworkSpecification(output="softmax"), "training": TrainingSpecification(loss=Hinge())}, None),
    ],
)
def test_output_and_loss_must_fit_the_task_and_each_other(choices, location):
    with pytest.raises(BadRecipe) as error:
        fill_choices(Recipe(label="y", task="classification", **choices), n_classes=3)
    assert error.value.location == (location or ["training", "loss"])
