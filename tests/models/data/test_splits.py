"""Splits are disjoint, cover all rows, keep the order of the data, and hold out the share asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedShuffleSplit

from models.data import splits
from models.data.columns import infer_table
from models.errors import BadRecipe, ModelError
from models.specification import ValidationSpecification

SEEDS = st.integers(0, 2**32)
FRACTIONS = st.floats(0.01, 0.95)


def is_partition(split, n_rows):
    both = np.concatenate([split.training, split.validation])
    in_order = all(np.all(np.diff(part) > 0) for part in (split.training, split.validation))
    return in_order and sorted(both.tolist()) == list(range(n_rows))


@given(st.integers(2, 200), FRACTIONS, SEEDS)
def test_a_random_split_holds_out_the_share_asked_for(n_rows, fraction, seed):
    split = splits.random_split(n_rows, fraction, np.random.default_rng(seed))
    assert is_partition(split, n_rows)
    assert abs(split.validation.size - n_rows * fraction) <= 1
    assert min(split.training.size, split.validation.size) >= 1


@given(st.lists(st.integers(0, 4), min_size=2, max_size=200), FRACTIONS, SEEDS)
def test_a_stratified_split_holds_out_the_same_share_of_each_class(classes, fraction, seed):
    classes = np.array(classes)
    split = splits.stratified_split(classes, fraction, np.random.default_rng(seed))
    assert is_partition(split, classes.size)
    for value in np.unique(classes):
        size = np.sum(classes == value)
        held = np.sum(classes[split.validation] == value)
        assert held < size
        assert abs(held - size * fraction) <= 2


def test_a_stratified_split_deals_out_classes_as_scikit_learn_does():
    classes = np.repeat([0, 1, 2], [50, 30, 20])
    split = splits.stratified_split(classes, 0.2, np.random.default_rng(0))
    _, held = next(StratifiedShuffleSplit(1, test_size=0.2, random_state=0).split(classes, classes))
    assert np.bincount(classes[split.validation]).tolist() == np.bincount(classes[held]).tolist() == [10, 6, 4]


@given(st.lists(st.integers(0, 20), min_size=2, max_size=60), FRACTIONS)
def test_a_split_by_time_holds_out_the_latest_rows(moments, fraction):
    moments = np.array(moments, dtype=float)
    split = splits.time_split(moments, fraction)
    assert is_partition(split, moments.size)
    assert moments[split.training].max() <= moments[split.validation].min()


@given(st.lists(st.integers(0, 8), min_size=2, max_size=60).filter(lambda g: len(set(g)) > 1), FRACTIONS, SEEDS)
def test_a_split_by_group_never_cuts_a_group(groups, fraction, seed):
    groups = np.array(groups)
    split = splits.group_split(groups, fraction, np.random.default_rng(seed))
    assert is_partition(split, groups.size)
    assert not set(groups[split.training]) & set(groups[split.validation])
    assert min(split.training.size, split.validation.size) >= 1


@given(st.integers(5, 100), st.integers(2, 5), SEEDS, st.booleans())
def test_folds_hold_out_each_row_once(n_rows, n_folds, seed, stratified):
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 3, n_rows) if stratified else None
    made = splits.folds(n_rows, n_folds, rng, classes)
    assert all(is_partition(split, n_rows) for split in made)
    assert sorted(np.concatenate([split.validation for split in made]).tolist()) == list(range(n_rows))
    sizes = [split.validation.size for split in made]
    assert max(sizes) - min(sizes) <= 1
    if classes is not None:
        per_fold = np.array([np.bincount(classes[split.validation], minlength=3) for split in made])
        assert np.all(per_fold.max(axis=0) - per_fold.min(axis=0) <= 1)


@given(st.lists(st.integers(0, 9), min_size=5, max_size=60).filter(lambda g: len(set(g)) > 2), SEEDS)
def test_folds_by_group_never_cut_a_group(groups, seed):
    groups = np.array(groups)
    for split in splits.group_folds(groups, 3, np.random.default_rng(seed)):
        assert is_partition(split, groups.size)
        assert not set(groups[split.training]) & set(groups[split.validation])


@pytest.mark.parametrize(
    ("n_rows", "fraction", "held"), [(4, 0.0, 0), (1, 0.2, 0), (4, 0.2, 1), (150, 0.2, 30), (2, 0.9, 1)]
)
def test_the_number_of_rows_held_out(n_rows, fraction, held):
    assert splits.held_out_count(n_rows, fraction) == held


def folds_by_group(groups, n_folds):
    table = infer_table({"who": groups})
    validation = ValidationSpecification(method="group", column="who", folds=n_folds)
    return splits.in_folds(validation, table, len(groups), None, np.random.default_rng(0))


def test_as_many_folds_as_groups_hold_out_one_group_each():
    held_out = [split.validation.tolist() for split in folds_by_group(["a", "b", "a", "c"], 3)]
    assert sorted(held_out) == [[0, 2], [1], [3]]


@pytest.mark.parametrize(
    ("groups", "n_folds", "location"),
    [(["a", "b", "a", "b"], 3, ["validation", "folds"]), (["a", "a", "a"], 2, ["validation", "column"])],
)
def test_folds_need_as_many_groups(groups, n_folds, location):
    with pytest.raises(BadRecipe) as error:
        folds_by_group(groups, n_folds)
    assert error.value.location == location


TABLE = infer_table(
    {
        "n": [3.0, 1.0, 2.0, 0.0, 5.0, 4.0],
        "gap": [1.0, None, 1.0, 2.0, 2.0, 2.0],
        "text": list("abcabc"),
        "same": [7.0] * 6,
    }
)


def held_out(**choices):
    rng = np.random.default_rng(0)
    return splits.held_out(ValidationSpecification(**choices), TABLE, 6, np.array([0, 1] * 3), rng)


@pytest.mark.parametrize("choices", [{"fraction": 0.0}, {"dataset": "other"}, {"folds": 2}])
def test_nothing_is_split_off_where_other_rows_validate(choices):
    split = held_out(**choices)
    assert (split.training.tolist(), split.validation.tolist()) == (list(range(6)), [])


def test_the_rows_of_the_latest_times_validate():
    assert held_out(method="time", column="n", fraction=0.34).validation.tolist() == [4, 5]


@pytest.mark.parametrize(
    ("choices", "location"),
    [
        ({"method": "time", "column": "text"}, ["validation", "column"]),
        ({"method": "time", "column": "nope"}, ["validation", "column"]),
        ({"method": "group", "column": "gap"}, ["validation", "column"]),
        ({"method": "group", "column": "same"}, ["validation", "column"]),
    ],
)
def test_a_column_that_cannot_split_the_rows_is_rejected_with_its_place(choices, location):
    with pytest.raises(ModelError) as error:
        held_out(**choices)
    assert error.value.location == location


def in_folds(n_folds, method="random"):
    validation = ValidationSpecification(method=method, folds=n_folds, column="n")
    return splits.in_folds(validation, TABLE, 6, None, np.random.default_rng(0))


def test_there_may_be_as_many_folds_as_rows_but_no_more_and_none_by_time():
    assert sorted(split.validation.tolist() for split in in_folds(6)) == [[0], [1], [2], [3], [4], [5]]
    for n_folds, method, location in ((7, "random", ["validation", "folds"]), (2, "time", ["validation", "method"])):
        with pytest.raises(BadRecipe) as error:
            in_folds(n_folds, method)
        assert error.value.location == location


def test_whole_groups_are_held_out_as_near_to_the_fraction_as_they_allow():
    sizes = []
    for seed in range(20):
        split = splits.group_split(np.repeat([0, 1, 2, 3, 4], 2), 0.4, np.random.default_rng(seed))
        sizes.append(split.validation.size)
    assert set(sizes) == {4}


def test_folds_by_group_are_about_equal_in_rows():
    groups = np.repeat([0, 1, 2, 3], [5, 3, 2, 4])
    sizes = [split.validation.size for split in splits.group_folds(groups, 2, np.random.default_rng(0))]
    assert sizes == [7, 7]  # the largest first: 5 and 4, then 3 to the 4 and 2 to the 5


def test_a_class_with_one_row_trains_and_others_give_the_rows():
    split = splits.stratified_split(np.array([0, 1, 1, 1, 1]), 0.4, np.random.default_rng(0))
    assert split.validation.size == 2
    assert 0 in split.training
