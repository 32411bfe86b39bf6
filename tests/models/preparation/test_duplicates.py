"""Repeated rows are reported from a hundredth of the rows on, whatever the types of their columns."""

import numpy as np
import pytest

from models.data.columns import Column, infer_table
from models.data.splits import Split
from models.preparation.duplicates import duplicate_warnings


def messages(table, training=(), validation=()):
    split = Split(np.array(training, int), np.array(validation, int))
    return [warning.message for warning in duplicate_warnings(table, list(table), split)]


@pytest.mark.parametrize(("n_rows", "is_reported"), [(100, True), (101, False)])
def test_a_hundredth_of_the_rows_is_worth_a_warning(n_rows, is_reported):
    table = infer_table({"x": [0.0, *range(n_rows - 1)]})
    assert bool(messages(table)) is is_reported


def test_rows_of_which_none_is_repeated_are_not_reported():
    assert messages(infer_table({"x": list(range(10))})) == []
    assert messages(infer_table({"x": []})) == []


def test_held_out_rows_that_also_train_are_counted():
    table = infer_table({"x": [1.0, 2.0, 1.0, 2.0, 3.0], "t": ["a", "b", "a", "b", "c"]})
    [message] = messages(table, training=[0, 1], validation=[2, 3, 4])
    assert message.startswith("2 of 5 rows repeat")
    assert "2 of 3 held-out rows" in message
    [message] = messages(table, training=[0, 2, 4], validation=[1, 3])
    assert "held-out" not in message


@pytest.mark.parametrize(
    ("first", "second", "n_repeated"),
    [
        (Column("x", "number", np.array([0.0, -0.0])), None, 1),
        (Column("x", "number", np.array([np.nan, np.nan])), None, 1),
        (Column("x", "number", np.array([1.0, 1.0 + 2**-52])), None, 0),
        (Column("x", "boolean", np.array([1.0, 0.0])), None, 0),
        (Column("x", "date", np.array(["2024-02-29", "2024-02-29"], "datetime64[us]")), None, 1),
        (Column("x", "date", np.array(["2024-02-29T00:00:00.000001", "2024-02-29"], "datetime64[us]")), None, 0),
        (Column("x", "category", np.array([None, None], object)), None, 1),
        (Column("x", "category", np.array([None, ""], object)), None, 0),
        (Column("x", "number", np.array([1.0, 1.0])), Column("z", "number", np.array([2.0, 3.0])), 0),
        (Column("x", "number", np.array([1.0, 2.0])), Column("z", "number", np.array([2.0, 1.0])), 0),
    ],
)
def test_rows_are_equal_where_all_their_values_are(first, second, n_repeated):
    table = {column.name: column for column in (first, second) if column is not None}
    assert len(messages(table)) == n_repeated
