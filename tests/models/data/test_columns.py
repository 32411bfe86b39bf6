"""Raw values become typed columns, and a value that does not fit is told with its row."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.columns import as_text, infer_column, infer_table, n_rows, shown_type, take_rows
from models.data.text_values import parse_text_column
from models.errors import BadColumn
from models.specification import ColumnOverride

JSON_NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)


@pytest.mark.parametrize(
    ("values", "type_", "expected"),
    [
        ([1, 2.5, None], "number", [1.0, 2.5, np.nan]),
        ([True, None, False], "boolean", [1.0, np.nan, 0.0]),
        (["a", None, ""], "category", ["a", None, ""]),
        ([None, None], "number", [np.nan, np.nan]),
        (np.array([1, 2], dtype=np.int32), "number", [1.0, 2.0]),
        (np.array([True, False]), "boolean", [1.0, 0.0]),
        (np.array(["x", "y"]), "category", ["x", "y"]),
    ],
)
def test_the_type_of_a_column_is_that_of_its_values(values, type_, expected):
    column = infer_column("x", values)
    assert column.type == type_
    np.testing.assert_array_equal(column.values, np.array(expected, dtype=column.values.dtype))


@given(st.lists(JSON_NUMBERS, min_size=1))
def test_numbers_keep_their_value_and_missing_ones_are_marked(values):
    column = infer_column("x", values)
    assert column.missing.tolist() == [value is None for value in values]
    assert [v for v in column.values.tolist() if v == v] == [float(value) for value in values if value is not None]


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ([1, "x", 2, None, "y"], [1, 4]),
        ([1, True, 2.5], [1]),
        ([True, False, "no"], [2]),
        ([1.5, 10**400], [1]),
        ([1.0, {"a": 1}], [1]),
    ],
)
def test_a_value_of_another_type_is_told_with_its_row(values, rows):
    with pytest.raises(BadColumn) as fault:
        infer_table({"age": values})
    assert (fault.value.column, fault.value.rows) == ("age", rows)
    assert "age" in fault.value.message


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(BadColumn):
        infer_table({"a": [1, 2], "b": [1]})


def test_numbers_may_be_told_to_be_categories():
    table = infer_table({"zip": [1234, 5.0, None, 2.5]}, {"zip": ColumnOverride(type="category")})
    assert table["zip"].values.tolist() == ["1234", "5", None, "2.5"]


def test_dates_are_read_when_told_and_are_in_utc():
    values = ["2024-02-29", "2024-02-29T12:00:00Z", "2024-02-29T12:00:00+02:00", None]
    column = infer_table({"when": values}, {"when": ColumnOverride(type="date")})["when"]
    expected = ["2024-02-29T00:00", "2024-02-29T12:00", "2024-02-29T10:00", "NaT"]
    np.testing.assert_array_equal(column.values, np.array(expected, dtype="datetime64[us]"))


def test_dates_may_have_a_format_of_their_own():
    override = ColumnOverride(type="date", format="%d.%m.%Y")
    column = infer_table({"when": ["29.2.2024", date(2024, 3, 1)]}, {"when": override})["when"]
    np.testing.assert_array_equal(column.values, np.array(["2024-02-29", "2024-03-01"], dtype="datetime64[us]"))


def test_a_text_that_is_no_date_is_told_with_its_row():
    with pytest.raises(BadColumn) as fault:
        infer_table({"when": ["2024-02-29", "2023-02-29"]}, {"when": ColumnOverride(type="date")})
    assert fault.value.rows == [1]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", " 2.5", "", "NA", "NaN", "null", "-3e2"], [1, 2.5, None, None, None, None, -300.0]),
        (["true", "FALSE", ""], [True, False, None]),
        (["a", "1", "NA"], ["a", "1", None]),
        (["007", "008"], [7, 8]),
        (["1_000", "inf"], ["1_000", "inf"]),
        (["12345678901234567890"], ["12345678901234567890"]),
        (["", "NA"], [None, None]),
        (["-", "e", "1e"], ["-", "e", "1e"]),
    ],
)
def test_text_cells_are_read_as_what_all_of_them_are(cells, values):
    assert list(parse_text_column(cells)) == values


def test_text_cells_told_to_be_categories_keep_their_zeros():
    assert list(parse_text_column(["007", ""], "category")) == ["007", None]


def test_a_mistyped_number_in_a_file_is_told_with_its_row():
    cells = [str(k) for k in range(30)]
    cells[17] = "l7"
    with pytest.raises(BadColumn) as fault:
        infer_column("x", parse_text_column(cells))
    assert fault.value.rows == [17]


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1).filter(any))
def test_numbers_written_to_text_cells_read_back_the_same(values):
    cells = [None if value is None else json.dumps(value) for value in values]
    column = infer_column("x", parse_text_column(cells))
    np.testing.assert_array_equal(column.values, np.array(values, dtype=float))


@pytest.mark.parametrize(
    ("rows", "phrase"),
    [
        ([1], "in row 1;"),
        ([1, 2], "in row 1 and wrong values in 1 more row;"),
        ([1, 2, 3, 4, 5, 6], "in row 1 and wrong values in 5 more rows;"),
    ],
)
def test_a_message_names_a_row_and_counts_the_others(rows, phrase):
    values = ["x" if row in rows else 1.0 for row in range(20)]
    with pytest.raises(BadColumn) as error:
        infer_column("age", values)
    assert phrase in error.value.message
    assert error.value.rows == rows


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([1, 2, "x"], "number"),
        (["x", "y", 2], "category"),
        ([True, True, 2], "boolean"),
        ([1, "x"], "number"),  # as many of each
        ([None, None, None, "x"], "category"),
        ([], "number"),
        ([2**53], "number"),
        ([2**53 + 1], "category"),
        ([2**53 + 1, 0.5], "number"),
        (np.array([2**53], np.int64), "number"),
        (np.array([2**53 + 1], np.int64), "category"),
        (np.array([-(2**53) - 1, 0], np.int64), "category"),
        (np.array([], np.int64), "number"),
        (np.array([1.5], np.float32), "number"),
        (np.array([1], np.uint8), "number"),
        (np.array(["2024-02-29"], "datetime64[D]"), "date"),
        (np.array([1.5, "x", "y"], object), "category"),
    ],
)
def test_the_type_is_that_of_most_values(values, type_):
    assert shown_type(values) == type_


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (3, "3"), (3.0, "3"), (2.5, "2.5"), (True, "true"), (False, "false"), (None, None), (np.nan, None)],
)
def test_the_text_of_a_value_is_that_of_json(value, text):
    assert as_text(value) == text


def test_0_and_1_are_booleans_where_a_column_is_declared_so():
    override = ColumnOverride(type="boolean")
    assert infer_column("b", [0, 1.0, True, None], override).values[:3].tolist() == [0.0, 1.0, 1.0]
    for wrong in (2, 0.5, "true", -1):
        with pytest.raises(BadColumn) as error:
            infer_column("b", [0, wrong], override)
        assert error.value.rows == [1]


@pytest.mark.parametrize(
    ("values", "phrase"),
    [
        ([1.0, float("inf")], "the infinite number inf in row 1"),
        (np.array([1.0, -np.inf]), "the infinite number -inf in row 1"),
        ([1.5, -(10**400)], "too large for float64: -1000"),
    ],
)
def test_numbers_beyond_float64_are_reported(values, phrase):
    with pytest.raises(BadColumn, match=phrase) as error:
        infer_column("x", values)
    assert error.value.rows == [1]


def test_a_category_may_be_a_number_but_not_an_object():
    override = ColumnOverride(type="category")
    assert infer_column("c", [1, True, "x", None, 2.5], override).values.tolist() == ["1", "true", "x", None, "2.5"]
    with pytest.raises(BadColumn) as error:
        infer_column("c", ["x", [1], {"a": 1}], override)
    assert error.value.rows == [1, 2]


def test_columns_of_unequal_length_are_named_with_their_lengths():
    with pytest.raises(BadColumn, match="'b' has 1 rows and 'a' 2"):
        infer_table({"a": [1, 2], "b": [1]})


def test_a_table_has_the_rows_of_its_columns():
    table = infer_table({"a": [1.0, 2.0, 3.0], "c": ["x", None, "z"]})
    assert (n_rows(table), n_rows({})) == (3, 0)
    taken = take_rows(table, np.array([2, 1]))
    assert (taken["a"].values.tolist(), taken["c"].missing.tolist()) == ([3.0, 2.0], [False, True])
    assert taken["c"].type == "category"
