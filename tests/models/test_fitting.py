"""From a table to a trained network: defaults that train well, resumed bits, folds, and errors with their place."""

from contextlib import suppress

import numpy as np
import pytest

from models.columns import infer_table, take_rows
from models.cross_validation import each_training
from models.errors import BadLabel, BadRecipe, Interrupted, ModelError
from models.evaluation import evaluate
from models.fitting import fit, prepare
from models.monitor import NoMonitor
from models.preparation import learn_from
from models.specification import (
    ColumnOverride,
    EarlyStopping,
    Hinge,
    NetworkSpecification,
    Poisson,
    Recipe,
    TrainingSpecification,
    ValidationSpecification,
)
from tests.models.tables import DATES, FEATURES, mixed_raw

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


def test_a_filled_in_recipe_prepares_the_same_training(mixed_table):
    first = prepare(mixed_table, Recipe(label="size", features=FEATURES))
    again = prepare(mixed_table, Recipe.from_json(first.recipe.to_json()))
    assert again.recipe == first.recipe
    assert again.preprocessing == first.preprocessing
    np.testing.assert_array_equal(again.split.validation, first.split.validation)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(iris_table):
    def parameters(seed):
        recipe = Recipe(label="species", network=SMALL, training=TrainingSpecification(epochs=5, seed=seed))
        return fit(prepare(iris_table, recipe)).trained.network.parameters.tobytes()

    assert parameters(1) == parameters(1) != parameters(2)


class HandsBackOnce(NoMonitor):
    """Keeps the checkpoint of one epoch and then leaves."""

    def __init__(self, after):
        self.after, self.state = after, None

    def checkpoint(self, state):
        self.after -= 1
        if self.state is None and self.after == 0:
            self.state = state

    def interruption(self):
        return "cancel" if self.state is not None else None


@pytest.mark.parametrize("validation", [ValidationSpecification(), ValidationSpecification(folds=3)])
@pytest.mark.parametrize("after", [3, 13, 21])
def test_a_training_taken_up_again_ends_with_the_same_bits(iris_table, validation, after):
    training = TrainingSpecification(epochs=10, checkpoint_every=1, shuffle=True)
    recipe = Recipe(label="species", network=SMALL, training=training, validation=validation)
    calm = fit(prepare(iris_table, recipe))
    monitor = HandsBackOnce(after)
    with suppress(Interrupted):
        fit(prepare(iris_table, recipe), monitor)
    if monitor.state is not None:
        rough = fit(prepare(iris_table, recipe), state=monitor.state)
        assert rough.trained.network.parameters.tobytes() == calm.trained.network.parameters.tobytes()
        assert rough.metrics == calm.metrics
    assert (monitor.state is not None) == (after <= (10 if validation.folds is None else 40))


def test_folds_judge_every_row_once_and_the_network_learns_from_all(iris_table):
    recipe = Recipe(label="species", validation=ValidationSpecification(folds=5))
    fitted = fit(prepare(iris_table, recipe))
    assert fitted.metrics["validation"]["rows"] == 150
    assert fitted.metrics["training"]["rows"] == 150
    assert fitted.metrics["validation"]["accuracy"] >= 0.93
    folds = fitted.metrics["validation"]["folds"]
    assert [fold["rows"] for fold in folds] == [30] * 5
    assert fitted.metrics["validation"]["accuracy"] == pytest.approx(np.mean([fold["accuracy"] for fold in folds]))
    assert fitted.metrics["validation"]["loss"] == pytest.approx(np.mean([fold["loss"] for fold in folds]))


def test_a_time_limit_is_shared_among_the_folds(iris_table):
    recipe = Recipe(
        label="species",
        training=TrainingSpecification(epochs=100_000, time_limit_seconds=0.8),
        validation=ValidationSpecification(folds=3),
    )
    prepared = prepare(iris_table, recipe)
    assert each_training(prepared).time_limit_seconds == 0.2
    assert fit(prepared).stopped == "time limit"


def test_a_fold_knows_nothing_of_its_held_out_rows(mixed_table):
    prepared = prepare(
        mixed_table, Recipe(label="amount", features=("income",), validation=ValidationSpecification(folds=4))
    )
    fold = learn_from(prepared, prepared.folds[0])
    rows = mixed_table["income"].values[prepared.folds[0].training]
    assert fold.preprocessing.encoders[0].shift == rows.mean()
    assert fold.target.shift == (mixed_table["amount"].values[prepared.folds[0].training].mean(),)


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


@pytest.mark.parametrize(("rule", "expected"), [(None, 4.0), ("mean", 4.0), ("median", 2.0), ("mode", 1.0)])
def test_a_missing_number_is_filled_as_the_recipe_says(rule, expected):
    table = infer_table({"x": [1.0, 1.0, 2.0, 3.0, 13.0, None], "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.5]})
    columns = {"x": ColumnOverride(type="number", missing=rule)}
    recipe = Recipe(label="y", columns=columns, scaling="none", validation=ValidationSpecification(fraction=0))
    assert prepare(table, recipe).preprocessing.transform(table)[5].tolist() == [expected, 1.0]


def test_rows_without_a_label_are_left_out_and_told():
    table = infer_table({"x": [1.0, 2.0, 3.0, 4.0], "y": ["a", None, "b", "a"]})
    prepared = prepare(table, Recipe(label="y", validation=ValidationSpecification(fraction=0)))
    assert prepared.split.training.size == 3
    assert "missing-labels" in [warning["code"] for warning in prepared.warnings]


def test_a_column_with_too_many_texts_is_left_out_unless_it_was_named():
    table = infer_table({"name": [f"n{k}" for k in range(200)], "x": range(200), "y": ["a", "b"] * 100})
    prepared = prepare(table, Recipe(label="y"))
    assert prepared.recipe.features == ("x",)
    assert ("too-many-categories", "name") in [(w["code"], w["column"]) for w in prepared.warnings]
    with pytest.raises(ModelError):
        prepare(table, Recipe(label="y", features=("name", "x")))


@pytest.mark.parametrize(
    ("code", "columns"),
    [
        ("constant-column", {"x": [1.0] * 60, "z": range(60)}),
        ("dates-as-text", {"x": [f"2024-01-{1 + k % 28:02}" for k in range(60)]}),
        ("empty-column", {"x": [None] * 60, "z": range(60)}),
        ("few-rows", {"x": range(40)}),
    ],
)
def test_doubtful_data_is_told(code, columns):
    length = len(next(iter(columns.values())))
    table = infer_table({name: list(values) for name, values in columns.items()} | {"y": ["a", "b"] * (length // 2)})
    assert code in [warning["code"] for warning in prepare(table, Recipe(label="y")).warnings]


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        ({"label": "speices"}, ["label"]),
        ({"label": ("species", "speices")}, ["label", 1]),
        ({"features": ("sepal_length", "sepal_widht")}, ["features", 1]),
        ({"features": ("species",)}, ["features", 0]),
        ({"features": ()}, ["features"]),
        ({"scaling": {}, "columns": {"nope": None}}, ["columns", "nope"]),
        ({"training": TrainingSpecification(sample_weight="nope")}, ["training", "sample_weight"]),
        ({"training": TrainingSpecification(class_weight={"rose": 2.0})}, ["training", "class_weight", "rose"]),
        ({"training": TrainingSpecification(loss=Poisson())}, ["training", "loss"]),
        ({"task": "regression"}, ["label"]),
        ({"validation": ValidationSpecification(method="time", column="nope")}, ["validation", "column"]),
        ({"validation": ValidationSpecification(method="time", column="species")}, ["validation", "column"]),
        ({"validation": ValidationSpecification(folds=1000)}, ["validation", "folds"]),
        ({"validation": ValidationSpecification(dataset="sha256:0")}, ["validation", "dataset"]),
        ({"network": NetworkSpecification(output="exponential")}, ["network", "output"]),
        (
            {
                "validation": ValidationSpecification(fraction=0),
                "training": TrainingSpecification(early_stopping=EarlyStopping()),
            },
            ["training", "early_stopping"],
        ),
    ],
)
def test_a_fault_is_told_with_its_place(iris_table, changes, location):
    with pytest.raises(ModelError) as fault:
        prepare(iris_table, Recipe(**({"label": "species"} | changes)))
    assert fault.value.location == location
    assert len(fault.value.message) > 10


def test_a_label_with_one_class_is_refused():
    with pytest.raises(BadLabel, match="only one class"):
        prepare(infer_table({"x": [1, 2], "y": ["a", "a"]}), Recipe(label="y"))


def test_a_label_outside_the_range_of_the_output_is_refused():
    table = infer_table({"x": [1.0, 2.0], "y": [0.5, 1.5]})
    with pytest.raises(BadLabel):
        prepare(table, Recipe(label="y", network=NetworkSpecification(output="sigmoid")))


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


def test_an_unfit_task_of_several_labels_is_refused(mixed_table):
    with pytest.raises(BadLabel):
        prepare(mixed_table, Recipe(label=("bought", "size")))
    with pytest.raises(BadRecipe):
        prepare(mixed_table, Recipe(label=("amount", "amount")))
