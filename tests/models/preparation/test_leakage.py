"""Which features are reported as leaks: those that equal or determine the label in too many rows for chance."""

import numpy as np
import pytest

from models.data.columns import infer_table
from models.preparation.leakage import leakage_warnings


def relation(feature, label, features=("x", "noise")):
    """What the warning about `x` says that it does to the label; None without a warning."""
    noise = np.random.default_rng(0).normal(size=len(label)).tolist()
    table = infer_table({"x": feature, "noise": noise, "y": label})
    messages = [one.message for one in leakage_warnings(table, features, ["y"]) if one.column == "x"]
    return messages[0].split("'x' ")[1].split(" 'y'")[0] if messages else None


def alternating(n):
    return [("a", "b")[k % 2] for k in range(n)]


@pytest.mark.parametrize(("n_rows", "expected"), [(19, None), (20, "equals")])
def test_fewer_than_twenty_rows_say_nothing(n_rows, expected):
    assert relation(alternating(n_rows), alternating(n_rows)) == expected


@pytest.mark.parametrize(("n_missing", "expected"), [(10, "equals"), (11, None)])
def test_a_feature_is_known_in_nine_rows_of_ten(n_missing, expected):
    label = alternating(100)
    assert relation([None] * n_missing + label[n_missing:], label) == expected


def test_a_single_feature_is_the_whole_task_and_no_leak():
    assert relation(alternating(40), alternating(40), features=("x",)) is None


@pytest.mark.parametrize(("n_values", "expected"), [(4, "alone determines"), (5, None)])
def test_a_category_determines_the_label_only_with_five_rows_for_each_value(n_values, expected):
    label, n_of = alternating(20), {"a": n_values - 2, "b": 2}
    feature = [f"{text}{k // 2 % n_of[text]}" for k, text in enumerate(label)]
    assert len(set(feature)) == n_values
    assert relation(feature, label) == expected


def test_one_row_of_another_label_clears_a_category():
    label = [*alternating(39), "a"]
    assert relation([text + "!" for text in label], label) == "alone determines"
    assert relation([text + "!" for text in alternating(40)], label) is None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (["a"] * 20 + ["b"] * 20, "alone determines"),
        (["a"] * 10 + ["b"] * 20 + ["a"] * 10, None),
        (["a"] * 15 + ["b"] * 10 + ["c"] * 15, "alone determines"),
        (["a"] * 10 + ["b"] * 10 + ["c"] * 10 + ["a"] * 10, None),
        (["a"] * 40, None),
    ],
)
def test_a_number_determines_the_label_only_with_one_threshold_less_than_there_are_values(label, expected):
    assert relation([k + 0.5 for k in range(40)], label) == expected


@pytest.mark.parametrize(
    ("n_values", "feature", "expected"),
    [
        (4, lambda y: y**3, "alone determines"),  # 4 values in 20 rows: 5 rows for each
        (5, lambda y: y**3, None),  # as a number with too few rows for each value, only a line is too simple
        (5, lambda y: 3 * y - 1, "is a linear function of"),
        (5, lambda y: -2 * y, "is a linear function of"),
        (5, lambda y: 0 * y, None),
    ],
)
def test_a_number_with_many_values_is_known_by_a_line(n_values, feature, expected):
    label = np.arange(20.0) % n_values
    assert relation(feature(label), label) == expected


def test_a_line_with_a_little_noise_is_no_leak():
    label = np.linspace(0, 1, 50)
    noise = np.random.default_rng(1).normal(size=50)
    assert relation(label + 1e-3 * noise, label) is None
    assert relation(label + 1e-7 * noise, label) == "is a linear function of"


def test_each_label_is_looked_at():
    table = infer_table({"x": alternating(40), "noise": list(range(40)), "y": [1.5] * 40, "z": alternating(40)})
    assert [one.column for one in leakage_warnings(table, ["x", "noise"], ["y", "z"])] == ["x"]
