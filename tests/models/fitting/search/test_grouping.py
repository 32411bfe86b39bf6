"""Which trials share a stack: those of one shape and schedule of rows, as many as memory allows, in their order."""

import pytest

from models.fitting.fit import prepare
from models.fitting.search import grouping
from models.fitting.search.grouping import can_be_stacked, in_groups
from models.fitting.search.trials import prepare_trial
from models.specification import Recipe

RATE = "training.optimizer.learning_rate"
STACKED = [
    {},
    {"network": {"l1": 0.1, "l2": 0.1}},
    {"training": {"optimizer": "lion", "averaged_weights": 0.9}},
    {"training": {"schedule": "one_cycle", "early_stopping": {"patience": 3}}},
    {"network": {"output": "softmax"}},
]
ALONE = [
    {"training": {"optimizer": "lbfgs"}},
    {"training": {"gradient_clip": {"value": 1.0}}},
    {"training": {"time_limit_seconds": 9.0}},
    {"validation": {"folds": 2}},
    {"network": {"batch_norm": True}},
    {"network": {"layer_norm": True}},
    {"network": {"max_norm": 1.0}},
    {"network": {"hidden": [3, 3], "dropout": [0.0, 0.1]}},
    {"network": {"hidden": [3, 3], "activation": ["relu", "softmax"]}},
]


@pytest.mark.parametrize("choices", STACKED)
def test_networks_that_differ_in_rates_and_penalties_can_be_stacked(choices):
    assert can_be_stacked(Recipe.from_json({"label": "y"} | choices))


@pytest.mark.parametrize("choices", ALONE)
def test_chance_norms_and_whole_gradients_train_alone(choices):
    assert not can_be_stacked(Recipe.from_json({"label": "y"} | choices))


def groups_of(table, settings, **choices):
    space = {path: {"choice": [value]} for path, value in settings[0].items()}
    request = {"label": "species", "search": {"space": space}, "network": {"hidden": [4]}} | choices
    prepared = prepare(table, Recipe.from_json(request))
    trials = [prepare_trial(prepared, number, one, None) for number, one in enumerate(settings)]
    return [[trial.number for trial in group] for group in in_groups(trials)]


def test_groups_are_in_the_order_of_their_first_trials(iris_table):
    settings = [{"network.hidden": hidden, RATE: 0.1} for hidden in ([5], [4], [4], [5])]
    assert groups_of(iris_table, settings) == [[0, 3], [1, 2]]


def test_trials_that_train_alone_are_groups_of_their_own(iris_table):
    settings = [{RATE: 0.1}, {RATE: 0.2}]
    assert groups_of(iris_table, settings, network={"batch_norm": True}) == [[0], [1]]


@pytest.mark.parametrize(
    ("limit", "value", "sizes"),
    [
        ("LARGEST_STACK", 2, [2, 2, 1]),
        ("PARAMETERS_IN_A_STACK", 2 * (5 * 4 + 5 * 3), [2, 2, 1]),  # two networks of 35 parameters
        ("PARAMETERS_IN_A_STACK", 2 * (5 * 4 + 5 * 3) - 1, [1] * 5),
        ("OUTPUTS_IN_A_STACK", 3 * 3 * 120, [3, 2]),  # three networks' three outputs for 120 rows
        ("OUTPUTS_IN_A_STACK", 3 * 3 * 120 - 1, [2, 2, 1]),
        ("OUTPUTS_IN_A_STACK", 1, [1] * 5),
    ],
)
def test_a_stack_is_as_large_as_memory_allows(iris_table, monkeypatch, limit, value, sizes):
    monkeypatch.setattr(grouping, limit, value)
    groups = groups_of(iris_table, [{RATE: 0.1 + 0.1 * k} for k in range(5)])
    assert [len(group) for group in groups] == sizes
    assert [number for group in groups for number in group] == [0, 1, 2, 3, 4]
