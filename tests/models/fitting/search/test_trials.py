"""Which trials are compared by what, and which are better."""

import pytest

from models.data.columns import infer_table
from models.errors import BadRecipe
from models.fitting.fit import prepare
from models.fitting.search.trials import (
    TrialResult,
    compared_metric,
    failure_of,
    is_better,
    point_of,
    prepare_trial,
)
from models.specification import Recipe

RATE = "training.optimizer.learning_rate"


def recipe_of(space, label="species", task="classification", **choices):
    search = {"space": {path: {"choice": values} for path, values in space.items()}}
    return Recipe.from_json({"label": label, "task": task, "search": search, **choices})


def result(score, number=0):
    return TrialResult(number, {}, score, "loss")


@pytest.mark.parametrize(
    ("score", "other", "expected"),
    [
        (1.0, None, True),
        (None, None, False),
        (1.0, result(None), True),
        (None, result(1.0), False),
        (1.0, result(1.5), True),
        (1.0, result(1.0), False),
        (1.5, result(1.0), False),
    ],
)
def test_the_lower_score_is_better_and_of_equal_ones_the_first_stays(score, other, expected):
    assert is_better(result(score), other) is expected


@pytest.mark.parametrize(
    ("path", "metric"),
    [
        (RATE, "loss"),
        ("network.hidden", "loss"),
        ("training.loss", "log_loss"),
        ("training.loss.label_smoothing", "log_loss"),
        ("network.output", "log_loss"),
        ("scaling", "log_loss"),
    ],
)
def test_trials_with_different_losses_are_compared_by_another_metric(path, metric):
    assert compared_metric(recipe_of({path: [1]})) == metric


def test_numbers_with_different_losses_are_compared_by_their_error():
    assert compared_metric(recipe_of({"scaling": ["none"]}, task="regression")) == "rmse"
    assert compared_metric(Recipe(label="y", task="regression")) == "loss"


def test_settings_of_the_network_alone_share_features_and_split(iris_table):
    prepared = prepare(iris_table, recipe_of({RATE: [0.1]}))
    trial = prepare_trial(prepared, 3, {RATE: 0.1, "network.hidden": [4]}, epochs=9)
    assert (trial.number, trial.prepared.recipe.training.epochs) == (3, 9)
    assert trial.prepared.recipe.training.optimizer.learning_rate == 0.1
    assert trial.prepared.preprocessing is prepared.preprocessing
    assert prepare_trial(prepared, 3, {"scaling": "minmax"}, None).prepared.preprocessing != prepared.preprocessing


def test_a_trial_without_epochs_of_its_own_has_those_of_the_recipe_and_no_time_limit(iris_table):
    training = {"epochs": 5, "time_limit_seconds": 60.0}
    prepared = prepare(iris_table, recipe_of({RATE: [0.1]}, training=training))
    trial = prepare_trial(prepared, 0, {RATE: 0.1}, None)
    assert (trial.prepared.recipe.training.epochs, trial.prepared.recipe.training.time_limit_seconds) == (5, None)


def test_a_loss_brings_its_output_unless_that_is_searched_too(iris_table):
    prepared = prepare(iris_table, recipe_of({"training.loss": ["hinge"]}))
    assert prepare_trial(prepared, 0, {"training.loss": "hinge"}, None).prepared.recipe.network.output == "linear"
    with pytest.raises(BadRecipe) as error:
        prepare_trial(prepared, 0, {"training.loss": "hinge", "network.output": "softmax"}, None)
    assert error.value.location == ["training", "loss"]


def test_other_errors_of_a_setting_are_its_own():
    table = infer_table({"a": [1.0, 2.0] * 10, "b": [2.0, 1.0] * 10, "y": ["x", "z"] * 10})
    prepared = prepare(table, recipe_of({"features": [["a"]]}, label="y"))
    with pytest.raises(BadRecipe) as error:
        prepare_trial(prepared, 0, {"features": ["a", "a"]}, None)
    assert error.value.location == ["features", 1]


def test_a_trial_is_a_point_of_the_curve_with_its_losses_and_rate():
    trial = TrialResult(4, {RATE: 0.3}, 0.5, "loss", (0.25, 0.5), epochs=7)
    point = point_of(trial, n_trained=2, elapsed_seconds=1.5)
    assert (point.epoch, point.loss, point.validation_loss) == (2, 0.25, 0.5)
    assert (point.learning_rate, point.elapsed_seconds) == (0.3, 1.5)
    failed = point_of(failure_of(1, {}, BadRecipe("no"), "loss"), 3, 2.0)
    assert failed.loss != failed.loss
    assert (failed.validation_loss, failed.learning_rate) == (None, 0.0)


def test_a_trial_is_reported_with_both_losses_and_its_error():
    written = TrialResult(1, {RATE: 0.1}, 0.5, "loss", (0.25, 0.5), epochs=7, best_epoch=3, stopped="early").to_json()
    assert written == {
        "number": 1,
        "settings": {RATE: 0.1},
        "score": 0.5,
        "figure": "loss",
        "epochs": 7,
        "best_epoch": 3,
        "stopped": "early",
        "error": None,
        "loss": 0.25,
        "validation_loss": 0.5,
    }
    assert failure_of(1, {}, BadRecipe("no rows"), "loss").to_json()["error"] == "no rows"
