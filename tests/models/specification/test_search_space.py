"""Which settings a search tries, and what it refuses before it begins."""

import numpy as np
import pytest

from models.errors import BadRecipe
from models.fitting.fit import prepare
from models.fitting.search import successive_halving
from models.fitting.search.trials import TrialResult
from models.specification import Recipe
from models.specification.search_space import check_space, trial_settings, with_settings

RATE = "training.optimizer.learning_rate"


def recipe_of(space, method="random", trials=32, **choices):
    return Recipe.from_json(
        {"label": "species", "search": {"method": method, "trials": trials, "space": space}, **choices}
    )


def test_a_grid_holds_every_combination_in_order():
    space = {"network.hidden": {"choice": [[8], [16, 16]]}, RATE: {"choice": [0.01, 0.1]}}
    assert trial_settings(recipe_of(space, "grid"), seed=0) == [
        {"network.hidden": [8], RATE: 0.01},
        {"network.hidden": [8], RATE: 0.1},
        {"network.hidden": [16, 16], RATE: 0.01},
        {"network.hidden": [16, 16], RATE: 0.1},
    ]


def test_a_grid_cuts_a_range_into_as_many_points_as_trials_allow():
    space = {RATE: {"range": [0.001, 1.0], "scale": "log"}, "network.hidden": {"choice": [[8], [16]]}}
    rates = {one[RATE] for one in trial_settings(recipe_of(space, "grid", trials=8), seed=0)}
    assert sorted(rates) == pytest.approx([0.001, 0.01, 0.1, 1.0])
    space = {"network.l1": {"range": [0, 1]}, "network.l2": {"range": [0, 3]}}
    found = trial_settings(recipe_of(space, "grid", trials=10), seed=0)
    assert [(one["network.l1"], one["network.l2"]) for one in found[:4]] == [(0, 0), (0, 1.5), (0, 3), (0.5, 0)]
    assert len(found) == 9


def test_draws_are_even_in_their_scale_and_differ():
    found = trial_settings(recipe_of({RATE: {"range": [1e-4, 1e-1], "scale": "log"}}, trials=2000), seed=3)
    rates = np.log10([one[RATE] for one in found])
    assert len(set(rates)) == 2000
    assert np.histogram(rates, bins=3, range=(-4, -1))[0] == pytest.approx([667] * 3, abs=80)


def test_the_same_seed_draws_the_same_settings():
    recipe = recipe_of({RATE: {"range": [0.001, 0.1]}, "training.batch_size": {"range": [8, 64]}}, trials=5)
    assert trial_settings(recipe, seed=1) == trial_settings(recipe, seed=1) != trial_settings(recipe, seed=2)


def test_whole_numbers_stay_whole():
    space = {"training.batch_size": {"range": [8, 64], "scale": "log"}, "network.l2": {"range": [0, 1]}}
    found = trial_settings(recipe_of(space), seed=0)
    assert all(type(one["training.batch_size"]) is int and 8 <= one["training.batch_size"] <= 64 for one in found)
    assert all(type(one["network.l2"]) is float for one in found)


def test_a_small_space_is_tried_once():
    assert len(trial_settings(recipe_of({"network.batch_norm": {"choice": [False, True]}}), seed=0)) == 2


def test_settings_change_what_their_paths_say_and_nothing_else():
    recipe = recipe_of({RATE: {"choice": [0.5]}}, training={"optimizer": "sgd", "epochs": 3})
    changed = with_settings(recipe, {RATE: 0.5, "network.hidden": [4, 4], "scaling": "minmax"})
    assert (changed.training.optimizer.learning_rate, changed.network.hidden) == (0.5, (4, 4))
    assert (changed.scaling, changed.training.epochs, changed.search) == ("minmax", 3, None)
    assert changed.training.optimizer.name == "sgd"


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        (
            {"space": {"training.optimizer.learnig_rate": {"choice": [1.0]}}},
            ["search", "space", "training.optimizer.learnig_rate"],
        ),
        ({"space": {"model": {"choice": ["a"]}}}, ["search", "space", "model"]),
        ({"space": {"training.seed": {"choice": [1, 2]}}}, ["search", "space", "training.seed"]),
        ({"space": {"network.hidden": {"choice": [[8], [0]]}}}, ["search", "space", "network.hidden"]),
        ({"space": {RATE: {"range": [-1.0, 1.0]}}}, ["search", "space", RATE]),
        ({"method": "grid", "space": {"network.l2": {"choice": [0.0] * 40}}}, ["search", "trials"]),
        ({"method": "halving", "space": {"training.epochs": {"choice": [2]}}}, ["search", "space", "training.epochs"]),
    ],
)
def test_a_space_that_cannot_be_tried_is_refused_with_its_place(iris_table, changes, location):
    with pytest.raises(BadRecipe) as caught:
        prepare(iris_table, Recipe.from_json({"label": "species", "search": changes}))
    assert caught.value.location == location


def test_a_search_needs_held_out_rows(iris_table):
    recipe = recipe_of({RATE: {"choice": [0.1]}}, validation={"fraction": 0})
    with pytest.raises(BadRecipe) as caught:
        prepare(iris_table, recipe)
    assert caught.value.location == ["validation", "fraction"]


def test_halving_gives_a_third_of_the_trials_three_times_the_epochs():
    assert successive_halving.rungs(n_trials=9, epochs=27) == [3, 9, None]
    assert successive_halving.rungs(n_trials=32, epochs=1000) == [38, 112, 334, None]
    assert successive_halving.rungs(n_trials=2, epochs=1000) == [None]
    assert successive_halving.rungs(n_trials=100, epochs=5) == [None]
    assert [successive_halving.n_survivors(n) for n in (32, 11, 4, 2, 1)] == [11, 4, 2, 1, 1]


def test_the_best_third_survives_and_failed_trials_do_not():
    scores = [0.5, None, 0.1, 0.3, 0.1, 0.9]
    results = [TrialResult(k, {}, score, "loss") for k, score in enumerate(scores)]
    assert successive_halving.survivors(results) == [2, 4]
    assert successive_halving.survivors([TrialResult(k, {}, None, "loss") for k in range(3)]) == []


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("netwrok.hidden", "Did you mean 'network'"),
        ("training.threads", "cannot be searched"),
        ("training.warm_start", "cannot be searched"),
        ("training.sample_weight", "cannot be searched"),
        ("network.hiden", "Did you mean 'hidden'"),
        ("training.optimizer.momentun", "Known"),
        ("training.early_stopping.patience.x", "There is no"),
    ],
)
def test_a_path_that_cannot_be_searched_is_answered_with_advice(path, advice):
    with pytest.raises(BadRecipe) as error:
        check_space(recipe_of({path: {"choice": [1.0]}}))
    assert error.value.location == ["search", "space", path]
    assert advice in error.value.message


def test_what_belongs_to_a_searched_object_is_checked_in_its_trial():
    check_space(
        recipe_of({"training.optimizer.momentum": {"choice": [0.5]}, "training.optimizer": {"choice": ["sgd"]}})
    )
    with pytest.raises(BadRecipe):
        check_space(recipe_of({"training.optimizer.momentum": {"choice": [0.5]}}))


def test_both_ends_of_a_range_are_checked():
    for limits in ([0.0, 1.0], [-1.0, 0.5]):
        with pytest.raises(BadRecipe) as error:
            check_space(recipe_of({"network.dropout": {"range": limits}}))
        assert error.value.location == ["search", "space", "network.dropout"]
    check_space(recipe_of({"network.dropout": {"range": [0.0, 0.9]}}))


@pytest.mark.parametrize("validation", [{"fraction": 0.1}, {"fraction": 0.0, "folds": 2}, {"dataset": "other"}])
def test_trials_are_compared_on_any_rows_that_do_not_train(validation):
    check_space(recipe_of({RATE: {"choice": [0.1]}}, validation=validation))


@pytest.mark.parametrize(("trials", "is_accepted"), [(4, True), (3, False)])
def test_a_grid_has_no_more_settings_than_trials(trials, is_accepted):
    recipe = recipe_of({RATE: {"choice": [0.1, 0.2]}, "network.l2": {"range": [0.0, 1.0]}}, "grid", trials)
    if is_accepted:
        assert len(trial_settings(recipe, seed=0)) == 4
        return
    with pytest.raises(BadRecipe, match="4 settings"):
        check_space(recipe)


def test_a_range_of_whole_numbers_is_rounded_and_may_have_both_ends():
    recipe = recipe_of({"training.batch_size": {"range": [1, 2]}}, trials=8)
    assert sorted(one["training.batch_size"] for one in trial_settings(recipe, seed=0)) == [1, 2]


def test_a_space_smaller_than_the_trials_is_drawn_almost_whole():
    recipe = recipe_of({"training.batch_size": {"choice": list(range(1, 9))}}, trials=8)
    assert len(trial_settings(recipe, seed=0)) == 8


def test_a_path_through_a_column_leads_into_its_scaling():
    recipe = recipe_of({"scaling.x.scale": {"choice": [2.0]}}, scaling={"x": {"scale": 1.0}})
    check_space(recipe)
    assert with_settings(recipe, {"scaling.x.scale": 2.0}).scaling["x"].scale == 2.0
    with pytest.raises(BadRecipe):
        check_space(recipe_of({"scaling.z.scale": {"choice": [2.0]}}, scaling={"x": {"scale": 1.0}}))
