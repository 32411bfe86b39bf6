"""JSON values, arrays and cells to columns: found once, then read by what was found."""

import numpy as np
import pytest

from models.data.reading.options import ReadingOptions
from models.data.reading.table import find_column, find_table, read_values
from models.errors import BadColumn
from models.specification import ColumnOverride, Recipe


def column(values, override=None, **options):
    columns = {} if override is None else {"x": override}
    return find_column("x", values, ReadingOptions(columns, **options))


def test_a_text_is_no_number_and_no_boolean_in_json():
    assert column(["1", "2"]).type == "category"
    assert column(["true", "false"]).type == "category"


def test_written_numbers_and_dates_are_read_in_json_too():
    assert column(["1,5", "2,5"]).values.tolist() == [1.5, 2.5]
    assert column(["2021-01-02", "2021-02-03"]).type == "date"
    assert column(["2021/01/02", "2021/02/13"]).reading.format == "%Y/%m/%d"


def test_tokens_among_json_numbers_and_booleans_are_missing():
    numbers = column([1, "?", 2.5, None])
    assert numbers.type == "number"
    assert np.isnan(numbers.values[[1, 3]]).all()
    assert [warning.code.value for warning in numbers.warnings] == ["missing-token"]
    assert column([True, "N/A", False]).type == "boolean"


def test_other_texts_among_json_numbers_are_mistakes():
    with pytest.raises(BadColumn) as error:
        column([1, 2, "x"])
    assert error.value.rows == [2]


def test_whole_numbers_beyond_2_to_the_53_are_texts():
    assert column([2**53 + 1, 2**53 + 3]).values.tolist() == ["9007199254740993", "9007199254740995"]


def test_a_number_among_arrays_may_stand_for_no_value():
    read = column(np.array([-9.0, 5.0]), ColumnOverride(missing_values=("-9",)))
    assert read.type == "number"
    assert np.isnan(read.values[0])
    assert read.values[1] == 5.0


def test_missing_values_of_all_columns_give_way_to_those_of_one():
    options = ReadingOptions({"y": ColumnOverride(missing_values=("b",))}, missing_values=("a",))
    table = find_table({"x": ["a", "b"], "y": ["a", "b"]}, options)
    assert table["x"].values.tolist() == [None, "b"]
    assert table["y"].values.tolist() == ["a", None]


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(BadColumn):
        find_table({"x": [1, 2], "y": [1]}, ReadingOptions())


def test_the_first_reader_takes_what_it_took():
    assert column(["2021-01-02"], reader=1).type == "category"
    assert column(["1,5"], reader=1).values.tolist() == ["1,5"]
    assert column(["1,5"], reader=1).reading is None


def test_values_of_a_known_form_are_read_beside_values_that_json_has_read():
    reading = ColumnOverride(type="number", decimal=",", thousands=".", missing_values=("?",))
    assert read_values("x", ["1.234,5", 7, "?", 2.5], reading).values.tolist()[:2] == [1234.5, 7.0]
    with pytest.raises(BadColumn) as error:
        read_values("x", [1, "1.5x"], reading)
    assert error.value.rows == [1]


def test_a_plain_number_column_takes_no_text():
    with pytest.raises(BadColumn):
        read_values("x", ["1,5"], ColumnOverride(type="number"))


def test_options_survive_their_json():
    options = ReadingOptions({"x": ColumnOverride(type="number", decimal=",")}, ("?",), header=True, is_complete=True)
    assert ReadingOptions.from_json(options.to_json()) == options


def test_a_request_without_a_reader_is_read_by_the_first():
    assert ReadingOptions.of(Recipe(label="y")).reader == 1
    assert ReadingOptions.of(Recipe(label="y", reader=2)).reader == 2


def test_a_column_that_a_version_does_not_use_stays_as_it_is_written():
    options = ReadingOptions({"x": ColumnOverride(type="number")}, is_complete=True)
    assert find_column("other", ["1,5", "?"], options).values.tolist() == ["1,5", "?"]
