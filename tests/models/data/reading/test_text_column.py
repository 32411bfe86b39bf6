"""What a column of text cells is, and how it is read again by what was found."""

import numpy as np
import pytest

from models.data.reading.cells import TextCells
from models.data.reading.text_column import find_reading, read_text_cells
from models.errors import BadColumn
from models.specification import ColumnOverride


def found(cells, override=None, **options):
    reading, warnings = find_reading("x", TextCells.of(cells), override or ColumnOverride(), **options)
    return reading, [warning.code.value for warning in warnings]


def values(cells, override=None):
    reading, _ = find_reading("x", TextCells.of(cells), override or ColumnOverride())
    return read_text_cells("x", TextCells.of(cells), reading)[1].tolist()


def test_plain_cells_need_no_word():
    assert found(["1", "2.5"]) == (ColumnOverride(type="number"), [])
    assert found(["a", "b"]) == (ColumnOverride(type="category"), [])
    assert found(["true", "False"]) == (ColumnOverride(type="boolean"), [])
    assert found(["2021-01-02", "2021-01-03T10:00"]) == (ColumnOverride(type="date"), [])


def test_a_column_without_values_is_one_of_numbers():
    assert found(["", "NA", None])[0].type == "number"
    assert np.isnan(values(["", "NA", None])).all()


@pytest.mark.parametrize("token", ["?", "-", ".", "None", "NULL", "N/A", "n/a", "#N/A", "<NA>"])
def test_a_token_among_numbers_is_a_missing_value_that_is_reported(token):
    reading, codes = found(["1", token, "3"])
    assert reading.type == "number"
    assert token in reading.missing_values
    assert codes == ["missing-token"]
    assert values(["1", token, "3"])[::2] == [1.0, 3.0]
    assert np.isnan(values(["1", token, "3"])[1])


def test_a_token_is_counted_in_its_warning():
    _, warnings = find_reading("x", TextCells.of(["1", "?", "? ", "3", "-"]), ColumnOverride())
    assert ["'?' in 2 rows" in warnings[1].message, "'-' in 1 row," in warnings[0].message] == [True, True]


def test_a_token_among_texts_is_a_text():
    assert found(["a", "?"]) == (ColumnOverride(type="category"), [])
    assert values(["a", "?"]) == ["a", "?"]


def test_a_token_among_dates_and_yes_or_no_is_missing():
    assert found(["2021-01-02", "-"])[0].type == "date"
    assert found(["true", "N/A"])[0].type == "boolean"


def test_given_missing_values_replace_those_of_every_table():
    override = ColumnOverride(missing_values=("none yet",))
    assert values(["none yet", "NA", "DE"], override) == [None, "NA", "DE"]
    assert values(["", "NA", "DE"], ColumnOverride(missing_values=())) == [None, "NA", "DE"]


def test_a_number_that_stands_for_no_value_is_missing_however_it_is_written():
    read = values(["-9", "-9.0", "5"], ColumnOverride(missing_values=("-9",)))
    assert np.isnan(read[:2]).all()
    assert read[2] == 5.0


def test_written_numbers_are_read_and_said():
    reading, codes = found(["876,63", "365,75", "NA"])
    assert (reading.type, reading.decimal, codes) == ("number", ",", ["numbers-as-text"])
    assert values(["876,63", "365,75", "NA"])[:2] == [876.63, 365.75]


def test_a_mistake_among_written_numbers_is_a_mistake():
    with pytest.raises(BadColumn) as error:
        values(["5,5"] * 20 + ["x"])
    assert error.value.rows == [20]


def test_texts_that_are_no_more_than_now_and_then_a_number_stay_texts():
    assert found(["5", "a", "b", "7"])[0].type == "category"
    assert found(["5"] * 8 + ["a", "b"])[0].type == "category"
    assert found(["5"] * 9 + ["a"])[0].type == "number"


@pytest.mark.parametrize("cells", [["02134", "10001"], ["9007199254740993", "5"], ["00", "01"], ["007", "?", "123"]])
def test_codes_are_texts_as_they_are_written(cells):
    reading, codes = found(cells)
    assert reading.type == "category"
    assert "codes" in codes
    assert [value for value in values(cells) if value] == [cell for cell in cells if cell != "?"]


def test_a_zero_before_a_point_is_no_code():
    assert found(["0.5", "0"])[0].type == "number"
    assert found(["0", "10"]) == (ColumnOverride(type="number"), [])


def test_numbers_that_may_be_codes_are_said():
    assert found(["1E3", "2E4"]) == (ColumnOverride(type="number"), ["codes"])
    assert found(["1.5E3", "2E4"]) == (ColumnOverride(type="number"), [])


def test_a_written_date_is_a_date_of_its_format():
    reading, codes = found(["2023/01/02", "2023/02/13"])
    assert (reading.type, reading.format, codes) == ("date", "%Y/%m/%d", ["date-format"])
    assert values(["2023/01/02", ""])[0].isoformat() == "2023-01-02T00:00:00"


def test_a_date_that_can_be_read_in_two_ways_stays_text_and_says_so():
    reading, codes = found(["01/02/2021", "03/04/2021"])
    assert (reading.type, codes) == ("category", ["ambiguous-date"])


def test_what_the_caller_says_is_not_doubted():
    assert found(["02134"], ColumnOverride(type="number")) == (ColumnOverride(type="number"), [])
    assert values(["1,5"], ColumnOverride(type="category")) == ["1,5"]
    override = ColumnOverride(type="date", format="%m/%d/%Y")
    assert values(["01/02/2021"], override)[0].isoformat() == "2021-01-02T00:00:00"
    assert values(["1,234"], ColumnOverride(type="number", decimal=",")) == [1.234]


def test_rows_of_wrong_dates_are_named():
    with pytest.raises(BadColumn) as error:
        values(["2021-01-02", "x", "2021-02-30", "x"], ColumnOverride(type="date"))
    assert error.value.rows == [1, 2, 3]


def test_a_number_past_the_range_is_named():
    with pytest.raises(BadColumn) as error:
        values(["1", "1e999"])
    assert error.value.rows == [1]


def test_a_reading_reads_later_rows_by_itself():
    reading, _ = found(["1,5", "?", "2,5"])
    later = TextCells.of(["1,234", "?", "7"])
    assert read_text_cells("x", later, reading)[1].tolist()[::2] == [1.234, 7.0]
