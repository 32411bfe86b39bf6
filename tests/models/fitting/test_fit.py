"""From a table to a trained network: defaults that train well, every task, weights, and figures in raw units."""

import numpy as np
import pytest

from models.data.columns import infer_table, take_rows
from models.evaluation.evaluate import evaluate
from models.fitting.fit import fit, prepare
from models.specification import (
    Hinge,
    NetworkSpecification,
    Poisson,
    Recipe,
    TrainingSpecification,
    ValidationSpecification,
)
from tests.support.training.tables import DATES, FEATURES, mixed_raw

SMALL = NetworkSpecification(hidden=(8,))
QUICK = TrainingSpecification(epochs=5)


def test_iris_with_plain_defaults_is_right_on_held_out_rows(iris_table):
    fitted = fit(prepare(iris_table, Recipe(label="species")))
    assert fitted.metrics["validation"]["accuracy"] >= 0.95
    assert evaluate(fitted.trained, iris_table)["accuracy"] >= 0.95
    assert fitted.metrics["validation"]["rows"] == 30
    assert fitted.trained.classes == ("setosa", "versicolor", "virginica")


@pytest.mark.parametrize(
    ("label", "figure", "least"), [("bought", "accuracy", 0.8), ("size", "accuracy", 0.7), ("amount", "r2", 0.6)]
)
def test_a_table_of_every_type_with_gaps_is_learnt(mixed_table, label, figure, least):
    fitted = fit(prepare(mixed_table, Recipe(label=label, features=FEATURES)))
    assert fitted.metrics["validation"][figure] >= least


def test_several_labels_are_learnt_together(mixed_table):
    recipe = Recipe(label=("amount", "income"), features=("age", "colour", "member"), network=SMALL, training=QUICK)
    labels = fit(prepare(mixed_table, recipe))
    assert labels.trained.task == "regression"
    assert labels.trained.predict(mixed_table).shape == (200, 2)


def test_yes_or_no_for_several_labels_is_learnt():
    raw = mixed_raw()
    raw["rich"] = [value > 1e4 for value in raw["income"]]
    table = infer_table(raw, DATES)
    fitted = fit(prepare(table, Recipe(label=("bought", "rich"), features=FEATURES)))
    assert fitted.trained.task == "multilabel"
    assert fitted.metrics["validation"]["roc_auc"] > 0.9
    predicted = fitted.trained.predict(table)
    assert np.all((predicted >= 0) & (predicted <= 1))


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(iris_table):
    def parameters(seed):
        recipe = Recipe(label="species", network=SMALL, training=TrainingSpecification(epochs=5, seed=seed))
        return fit(prepare(iris_table, recipe)).trained.network.parameters.tobytes()

    assert parameters(1) == parameters(1) != parameters(2)


def test_labels_of_a_regression_are_standardised_and_metrics_are_in_raw_units(mixed_table):
    prepared = prepare(mixed_table, Recipe(label="amount", features=FEATURES, network=SMALL, training=QUICK))
    fitted, held_out = fit(prepared), take_rows(mixed_table, prepared.split.validation)
    figures = fitted.metrics["validation"]
    wrong_by = fitted.trained.predict(held_out)[:, 0] - held_out["amount"].values
    assert figures["mse"] == pytest.approx(np.mean(wrong_by**2))
    assert figures["loss"] == pytest.approx(figures["mse"] / fitted.trained.target.scale[0] ** 2, rel=1e-4)


def test_counts_are_learnt_by_poisson():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 400)
    table = infer_table({"x": x, "y": rng.poisson(np.exp(1 + x)).astype(float)})
    one_neuron = NetworkSpecification(hidden=())
    recipe = Recipe(label="y", task="regression", network=one_neuron, training=TrainingSpecification(loss=Poisson()))
    predicted = fit(prepare(table, recipe)).trained.predict({"x": [-1.0, 0.0, 1.0]})[:, 0]
    np.testing.assert_allclose(predicted, np.exp([0.0, 1.0, 2.0]), rtol=0.25)


def test_hinge_gives_probabilities_that_sum_to_one(iris_table):
    recipe = Recipe(label="species", training=TrainingSpecification(loss=Hinge()))
    fitted = fit(prepare(iris_table, recipe))
    np.testing.assert_allclose(fitted.trained.predict(iris_table).sum(axis=1), 1.0, rtol=1e-9)
    assert fitted.metrics["validation"]["accuracy"] >= 0.9


def test_rows_that_weigh_nothing_are_not_learnt():
    x = np.linspace(-1, 1, 100)
    table = infer_table({"x": np.r_[x, x], "y": np.r_[x, -x], "w": np.r_[np.ones(100), np.zeros(100)]})
    recipe = Recipe(
        label="y", training=TrainingSpecification(sample_weight="w"), validation=ValidationSpecification(fraction=0)
    )
    fitted = fit(prepare(table, recipe))
    assert fitted.trained.signature.feature_names == ("x",)
    np.testing.assert_allclose(fitted.trained.predict({"x": [0.5, -0.5]})[:, 0], [0.5, -0.5], atol=0.1)


def test_balanced_classes_raise_the_recall_of_the_rare_one():
    rng = np.random.default_rng(0)
    y = rng.random(600) < 0.08
    table = infer_table({"x": rng.normal(size=600) + 1.2 * y, "y": y})

    def recall(weight):
        recipe = Recipe(label="y", training=TrainingSpecification(class_weight=weight))
        return fit(prepare(table, recipe)).metrics["training"]["classes"][1]["recall"]

    assert recall("balanced") > recall(None) + 0.3
    assert recall({"true": 10.0}) > recall(None) + 0.3


def test_held_out_rows_may_come_from_another_table(iris_table):
    recipe = Recipe(label="species", validation=ValidationSpecification(dataset="other"))
    prepared = prepare(iris_table, recipe, take_rows(iris_table, np.arange(0, 150, 10)))
    fitted = fit(prepared)
    assert prepared.split.training.size == 150
    assert fitted.metrics["validation"]["rows"] == 15


def test_evaluating_the_held_out_rows_gives_the_figures_of_the_training(iris_table):
    prepared = prepare(iris_table, Recipe(label="species"))
    fitted = fit(prepared)
    again = evaluate(fitted.trained, take_rows(iris_table, prepared.split.validation))
    assert again == {name: value for name, value in fitted.metrics["validation"].items() if name != "loss"}


def test_early_stopping_is_on_where_epochs_are_left_out_and_off_where_they_are_told(iris_table):
    assert prepare(iris_table, Recipe(label="species")).recipe.training.early_stopping
    told = prepare(iris_table, Recipe(label="species", training=TrainingSpecification(epochs=50)))
    assert told.recipe.training.early_stopping is False
    assert len(fit(told).curve) == 50


def test_the_parameters_counted_before_are_those_that_are_trained(mixed_table):
    recipe = Recipe(
        label="size", features=FEATURES, network=NetworkSpecification(hidden=(5, 4), layer_norm=True), training=QUICK
    )
    prepared = prepare(mixed_table, recipe)
    assert prepared.n_parameters == fit(prepared).trained.network.parameters.size
