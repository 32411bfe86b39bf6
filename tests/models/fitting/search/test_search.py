"""A search trains each trial as if it were alone, keeps the best, and goes on where it was left."""

from contextlib import suppress

import numpy as np
import pytest

from models.errors import BadCheckpoint, BadRecipe, Interrupted
from models.evaluation.evaluate import evaluate
from models.fitting.fit import fit, prepare
from models.fitting.search.grouping import in_groups
from models.fitting.search.trials import prepare_trial
from models.specification import Recipe
from models.specification.search_space import with_settings
from models.training.callbacks import NoCallback

RATE = "training.optimizer.learning_rate"
RATES = {RATE: {"choice": [0.003, 0.01, 0.03]}}
SMALL = {"hidden": [6], "dtype": "float64"}


def recipe_of(space=RATES, method="grid", label="species", network=SMALL, training=None, **choices):
    search = {"method": method, "trials": 32, "space": space}
    training = {"epochs": 6} if training is None else training
    return Recipe.from_json({"label": label, "network": network, "training": training, "search": search, **choices})


def alone(prepared, settings):
    return fit(prepare(prepared.table, with_settings(prepared.recipe, settings)))


def n_groups(prepared, fitted):
    return len(in_groups([prepare_trial(prepared, one["number"], one["settings"], None) for one in fitted.trials]))


TOGETHER = {
    "adam": {"training": {"epochs": 6, "optimizer": "adam"}},
    "adamw with decays": {
        "space": {RATE: {"choice": [0.01, 0.1]}, "training.optimizer.weight_decay": {"choice": [0.0, 0.5]}},
        "training": {"epochs": 6, "averaged_weights": 0.9},
    },
    "sgd with momentum": {"training": {"epochs": 6, "optimizer": {"name": "sgd", "momentum": 0.9, "nesterov": True}}},
    "rmsprop": {"training": {"epochs": 6, "optimizer": {"name": "rmsprop", "momentum": 0.5}}},
    "adagrad": {"training": {"epochs": 6, "optimizer": "adagrad"}},
    "nadam": {"training": {"epochs": 6, "optimizer": "nadam"}},
    "lion with decay": {"training": {"epochs": 6, "optimizer": {"name": "lion", "weight_decay": 0.1}}},
    "penalties": {"space": {"network.l1": {"choice": [0.0, 0.01]}, "network.l2": {"choice": [0.0, 0.1]}}},
    "deep, of several activations": {
        "network": {"hidden": [5, 4, 3], "activation": ["gelu", "tanh", "silu"], "dtype": "float64"}
    },
    "no hidden layer": {"network": {"hidden": [], "dtype": "float64"}},
    "squared error of a softmax": {"training": {"epochs": 6, "loss": "mse"}},
    "hinge": {"training": {"epochs": 6, "loss": "hinge"}},
    "one-cycle": {"training": {"epochs": 6, "schedule": {"name": "one_cycle", "warm_up_epochs": 1}}},
    "reduce on plateau": {
        "space": {RATE: {"choice": [0.001, 3.0]}},
        "training": {
            "epochs": 8,
            "optimizer": "sgd",
            "schedule": {"name": "reduce_on_plateau", "patience": 0, "threshold": 0.2},
        },
    },
    "early stopping": {
        "space": {RATE: {"choice": [0.001, 0.1, 0.5, 2.0]}},
        "training": {"epochs": 30, "early_stopping": {"patience": 2}},
    },
    "class weights": {"training": {"epochs": 6, "class_weight": {"setosa": 3.0, "virginica": 0.5}}},
    "one batch, not shuffled": {"training": {"epochs": 6, "batch_size": 500, "shuffle": False}},
}


@pytest.mark.parametrize("case", TOGETHER)
def test_trials_that_train_together_end_as_each_alone(iris_table, case):
    prepared = prepare(iris_table, recipe_of(**TOGETHER[case]))
    fitted = fit(prepared)
    assert n_groups(prepared, fitted) == 1
    for trial in fitted.trials:
        single = alone(prepared, trial["settings"])
        assert trial["validation_loss"] == pytest.approx(single.metrics["validation"]["loss"], rel=1e-8)
        assert trial["loss"] == pytest.approx(single.metrics["training"]["loss"], rel=1e-8)
        assert (trial["best_epoch"], trial["stopped"]) == (single.best_epoch, single.stopped)
        assert trial["epochs"] == len(single.curve)


@pytest.mark.parametrize(("label", "loss"), [("amount", None), ("bought", None), (["age", "income"], "huber")])
def test_every_task_is_searched(mixed_table, label, loss):
    features = [name for name in ("income", "member", "colour") if name not in label]
    training = {"epochs": 4, "loss": loss}
    prepared = prepare(mixed_table, recipe_of(label=label, training=training, features=features))
    fitted = fit(prepared)
    for trial in fitted.trials:
        expected = alone(prepared, trial["settings"]).metrics["validation"]["loss"]
        assert trial["score"] == pytest.approx(expected, rel=1e-8)


def test_the_network_of_the_best_trial_is_kept_with_its_figures_and_curve(iris_table):
    prepared = prepare(iris_table, recipe_of())
    fitted = fit(prepared)
    best = min(fitted.trials, key=lambda trial: trial["score"])
    single = alone(prepared, best["settings"])
    np.testing.assert_allclose(fitted.trained.network.parameters, single.trained.network.parameters, rtol=1e-7)
    assert fitted.metrics["validation"]["loss"] == pytest.approx(best["score"], rel=1e-12)
    losses = [record.validation_loss for record in fitted.curve]
    assert losses == pytest.approx([record.validation_loss for record in single.curve], rel=1e-8)
    assert evaluate(fitted.trained, iris_table)["accuracy"] > 0.5


@pytest.mark.parametrize(
    "choices",
    [
        {"network": {"hidden": [6], "dropout": 0.2}},
        {"network": {"hidden": [6], "batch_norm": True}},
        {"training": {"epochs": 4, "gradient_clip": {"norm": 1}}},
        {"training": {"epochs": 4, "optimizer": "lbfgs"}},
        {"validation": {"folds": 3}},
    ],
)
def test_trials_that_cannot_share_a_stack_are_the_bits_of_each_alone(iris_table, choices):
    prepared = prepare(iris_table, recipe_of(**choices))
    fitted = fit(prepared)
    for trial in fitted.trials:
        assert trial["score"] == alone(prepared, trial["settings"]).metrics["validation"]["loss"]


def test_networks_of_several_shapes_and_optimizers_are_searched_at_once(iris_table):
    space = {"network.hidden": {"choice": [[4], [8, 4]]}, "training.optimizer": {"choice": ["adam", "sgd"]}}
    prepared = prepare(iris_table, recipe_of(space))
    fitted = fit(prepared)
    assert n_groups(prepared, fitted) == 4
    assert fitted.trained.specification.hidden in ((4,), (8, 4))
    assert [trial["number"] for trial in fitted.trials] == [0, 1, 2, 3]


def test_losses_are_compared_each_with_its_output(iris_table):
    fitted = fit(prepare(iris_table, recipe_of({"training.loss": {"choice": ["cross_entropy", "hinge", "mse"]}})))
    assert [trial["figure"] for trial in fitted.trials] == ["log_loss"] * 3
    assert None not in [trial["score"] for trial in fitted.trials]


def test_an_optimizer_is_searched_with_what_belongs_to_it(iris_table):
    space = {
        "training.optimizer.momentum": {"choice": [0.5]},
        "training.optimizer": {"choice": ["adam", {"name": "sgd", "learning_rate": 0.1}]},
    }
    adam, sgd = fit(prepare(iris_table, recipe_of(space))).trials
    assert "momentum" in adam["error"]
    assert sgd["error"] is None


def test_trials_with_other_scalings_are_compared_by_a_figure_in_common(mixed_table):
    space = {"scaling": {"choice": ["standard", "none"]}}
    fitted = fit(prepare(mixed_table, recipe_of(space, label="amount", features=["age", "income"])))
    assert {trial["figure"] for trial in fitted.trials} == {"rmse"}
    best = min(trial["score"] for trial in fitted.trials)
    assert fitted.metrics["validation"]["rmse"] == pytest.approx(best, rel=1e-9)


def test_a_trial_that_diverges_is_told_and_the_others_go_on(iris_table):
    training = {"epochs": 30, "optimizer": "sgd", "loss": "mse"}
    network = {"hidden": [6], "output": "linear", "dtype": "float32"}
    recipe = recipe_of({RATE: {"choice": [0.01, 1e6]}}, label="petal_width", training=training, network=network)
    fitted = fit(prepare(iris_table, recipe))
    good, bad = fitted.trials
    assert (good["error"], bad["score"]) == (None, None)
    assert "try a lower learning_rate" in bad["error"]
    assert [one["code"] for one in fitted.warnings] == ["failed-trials"]


def test_a_search_of_nothing_but_failures_fails(iris_table):
    recipe = recipe_of({"training.loss": {"choice": ["poisson", "quantile"]}})
    with pytest.raises(BadRecipe, match="no trial could be trained"):
        fit(prepare(iris_table, recipe))


def test_halving_trains_the_best_third_for_longer(iris_table):
    space = {RATE: {"range": [1e-5, 0.1], "scale": "log"}}
    recipe = recipe_of(space, method="halving", training={"epochs": 27})
    recipe = Recipe.from_json({**recipe.to_json(), "search": {"method": "halving", "trials": 9, "space": space}})
    fitted = fit(prepare(iris_table, recipe))
    assert sorted(trial["epochs"] for trial in fitted.trials) == [3] * 6 + [9] * 2 + [27]
    assert len(fitted.curve) == 27


class Watcher(NoCallback):
    """Keeps checkpoints and points; wishes something after so many checkpoints."""

    def __init__(self, wish=None, after=0):
        self.states, self.points, self._wish, self._after = [], [], wish, after

    def on_epoch_end(self, record, progress):
        self.points.append((progress.epoch, progress.epochs, record.validation_loss))

    def checkpoint(self, state):
        self.states.append(state)

    def interruption(self):
        return self._wish if len(self.states) >= self._after else None


RESUMED = {
    "together": {"training": {"epochs": 12, "checkpoint_every": 1, "early_stopping": {"patience": 2}}},
    "averaged": {"training": {"epochs": 6, "checkpoint_every": 1, "averaged_weights": 0.9}},
    "alone": {"network": {"hidden": [6], "dropout": 0.3}, "training": {"epochs": 4, "checkpoint_every": 1}},
    "in folds": {"validation": {"folds": 2}, "training": {"epochs": 2, "checkpoint_every": 1}},
    "halving": {"method": "halving", "training": {"epochs": 9, "checkpoint_every": 1}},
}


@pytest.mark.parametrize("case", RESUMED)
def test_a_search_taken_up_at_any_checkpoint_ends_with_the_same_bits(iris_table, case):
    prepared = prepare(iris_table, recipe_of(**RESUMED[case]))
    watcher = Watcher()
    calm = fit(prepared, watcher)
    assert len(watcher.states) > 3
    for state in watcher.states[:: max(len(watcher.states) // 6, 1)]:
        later = Watcher()
        rough = fit(prepared, later, state)
        assert rough.trained.network.parameters.tobytes() == calm.trained.network.parameters.tobytes()
        assert (rough.trials, rough.metrics, rough.stopped) == (calm.trials, calm.metrics, calm.stopped)
        assert watcher.points[len(watcher.points) - len(later.points) :] == later.points


def test_trials_that_ended_are_not_trained_again(iris_table):
    recipe = recipe_of({"network.hidden": {"choice": [[4], [5], [6]]}})
    watcher, later = Watcher(), Watcher()
    fit(prepare(iris_table, recipe), watcher)
    fit(prepare(iris_table, recipe), later, watcher.states[1])
    assert [epoch for epoch, _, _ in watcher.points] == [1, 2, 3]
    assert [epoch for epoch, _, _ in later.points] == [3]


def test_a_checkpoint_of_another_search_is_refused(iris_table):
    watcher = Watcher()
    fit(prepare(iris_table, recipe_of()), watcher)
    other = prepare(iris_table, recipe_of({RATE: {"choice": [0.5]}}))
    for state in (watcher.states[-1], b"", b"\0" * 40):
        with pytest.raises(BadCheckpoint):
            fit(other, state=state)


@pytest.mark.parametrize("wish", ["cancel", "hand back"])
def test_a_search_is_interrupted_as_a_training_is(iris_table, wish):
    prepared = prepare(iris_table, recipe_of(training={"epochs": 1_000_000, "checkpoint_every": 5}))
    watcher = Watcher(wish, after=2)
    with pytest.raises(Interrupted) as caught:
        fit(prepared, watcher)
    assert caught.value.reason == wish
    with suppress(Interrupted):
        fit(prepared, Watcher("cancel"), watcher.states[-1])


def test_the_best_so_far_is_kept_when_that_is_wished(iris_table):
    space = {"network.hidden": {"choice": [[4], [5]]}}
    training = {"epochs": 1_000_000, "checkpoint_every": 5}
    fitted = fit(prepare(iris_table, recipe_of(space, training=training)), Watcher("keep best", after=2))
    assert fitted.stopped == "on request"
    assert len(fitted.trials) == 1
    assert fitted.metrics["validation"]["loss"] == fitted.trials[0]["score"]


def test_a_time_limit_is_that_of_the_whole_search(iris_table):
    training = {"epochs": 1_000_000, "time_limit_seconds": 0.2}
    fitted = fit(prepare(iris_table, recipe_of(training=training)))
    assert fitted.stopped == "time limit"
    assert len(fitted.trials) == 3


def test_networks_too_large_for_company_train_in_several_stacks(iris_table):
    space = {RATE: {"choice": [0.001, 0.002, 0.003, 0.004]}}
    wide = {"hidden": [600, 600]}  # 4·600 + 600 + 600·600 + 600 + 600·3 + 3 = 365,403 parameters, two of them below 2²⁰
    prepared = prepare(iris_table, recipe_of(space, network=wide))
    trials = [prepare_trial(prepared, k, {RATE: rate}, None) for k, rate in enumerate((0.001, 0.002, 0.003, 0.004))]
    assert [[trial.number for trial in group] for group in in_groups(trials)] == [[0, 1], [2, 3]]
