"""Where each warning about data begins: the last value without it, and the first with it."""

import numpy as np
import pytest

from models.data.columns import Column, infer_table
from models.preparation.data_warnings import (
    class_warnings,
    code_warnings,
    feature_warnings,
    reason_to_leave_out,
    row_warnings,
)


def codes(warnings):
    return [warning.code.value for warning in warnings]


def codes_of(values):
    return codes(feature_warnings(infer_table({"x": values}), ["x"]))


def reason(values):
    warning = reason_to_leave_out(infer_table({"x": values})["x"], reader=1)
    return None if warning is None else warning.code.value


@pytest.mark.parametrize(("n_rows", "expected"), [(49, ["few-rows"]), (50, [])])
def test_fifty_rows_are_enough(n_rows, expected):
    assert codes(row_warnings(n_rows)) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([5, 5], []),
        ([4, 5], ["rare-class"]),
        ([100, 5], []),
        ([101, 5], ["imbalanced-classes"]),
        ([20, 0], ["rare-class"]),
        ([21, 0], ["rare-class", "imbalanced-classes"]),
    ],
)
def test_a_class_is_rare_below_five_rows_and_too_small_below_a_twentieth_of_the_largest(counts, expected):
    assert codes(class_warnings("y", ["a", "b"], counts)) == expected


def test_the_message_about_rare_classes_counts_them():
    [warning] = class_warnings("y", ["a", "b", "c"], [4, 4, 30])
    assert warning.message.startswith("2 classes of 'y' have fewer than 5 rows, for example 'a'")


@pytest.mark.parametrize(("n_known", "expected"), [(1, ["nearly-empty-column"]), (2, [])])
def test_a_column_is_nearly_empty_up_to_a_twentieth_of_the_rows(n_known, expected):
    assert codes_of([1.5, 7.25][:n_known] + [None] * (20 - n_known)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([None, None], ["empty-column"]),
        ([3.0, 3.0], ["constant-column"]),
        ([3.0, None], []),
        ([3.0, 4.0], []),
        (["2024-02-29", "2024-03-01"], ["dates-as-text"]),
        (["2024-02-29", "soon"], []),
        (["2024-02-29", None], ["dates-as-text"]),
    ],
)
def test_what_a_column_of_two_rows_shows(values, expected):
    assert codes_of(values) == expected


@pytest.mark.parametrize(("n_rows", "expected"), [(19, []), (20, ["identifier"])])
def test_twenty_different_texts_or_counted_numbers_are_identifiers(n_rows, expected):
    assert codes_of([f"user {k}" for k in range(n_rows)]) == expected
    assert codes_of([7 * k for k in range(n_rows)]) == expected


def spaced(span):
    """Twenty different whole numbers, neither rising nor falling, whose range is `span`."""
    return [5, 0, span, *range(6, 23)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (spaced(39), ["identifier"]),
        (spaced(40), []),
        ([k + 0.5 for k in range(20)], []),
        ([*range(19), 18], []),
        ([*range(20, 0, -1)], ["identifier"]),
    ],
)
def test_numbers_identify_rows_where_they_are_whole_different_and_in_order_or_close(values, expected):
    assert codes_of(values) == expected


def test_booleans_and_dates_identify_no_rows():
    days = np.arange("2024-01-01", "2024-01-31", dtype="datetime64[D]").astype("datetime64[us]")
    assert codes(feature_warnings({"d": Column("d", "date", days)}, ["d"])) == []
    assert codes_of([True, False] * 15) == []


@pytest.mark.parametrize(("n_levels", "expected"), [(100, None), (101, "too-many-categories")])
def test_a_text_column_has_at_most_a_hundred_levels(n_levels, expected):
    assert reason([f"t{k}" for k in range(n_levels)] * 2) == expected


def test_why_a_text_column_is_left_out():
    texts = [f"t{k}" for k in range(101)]
    assert reason(texts) == "identifier"
    assert reason([*texts, None]) == "identifier"
    assert reason([*texts, "t0"]) == "too-many-categories"
    assert reason([f"{k},5" for k in range(101)]) == "numbers-as-text"
    assert reason([str(np.datetime64("2024-01-01") + k) for k in range(101)]) == "too-many-categories"
    assert reason([None, None]) == "empty-column"
    assert reason(list(range(500))) is None


def test_dates_among_too_many_texts_are_recognised():
    days = [str(np.datetime64("2024-01-01") + k) for k in range(101)]
    assert '"type": "date"' in reason_to_leave_out(infer_table({"x": days})["x"], reader=1).message


def test_codes_are_reported_unless_the_caller_declares_their_type():
    columns = list(infer_table({"c": ["9007199254740993", "1"], "t": ["x", "y"], "n": [1.0, 2.0]}).values())
    assert [warning.column for warning in code_warnings(columns, ())] == ["c"]
    assert code_warnings(columns, {"c"}) == []
