"""Text cells become numbers or booleans where all of them are, or nine of ten; a declared type decides by itself."""

import pytest

from models.data.text_values import are_written_numbers, parse_text_column


@pytest.mark.parametrize(
    ("n_numbers", "n_texts", "expected"),
    [(9, 1, 1.0), (8, 1, "1"), (89, 10, "1"), (90, 10, 1.0), (1, 0, 1.0)],
)
def test_nine_cells_of_ten_make_a_column_of_numbers(n_numbers, n_texts, expected):
    cells = ["1"] * n_numbers + ["x"] * n_texts + [None] * 5
    assert parse_text_column(cells) == [expected] * n_numbers + ["x"] * n_texts + [None] * 5


def test_a_column_declared_as_numbers_has_them_however_few_there_are():
    assert parse_text_column(["x", "1", "y"], "number") == ["x", 1.0, "y"]


def test_a_column_declared_as_booleans_is_read_as_such():
    assert parse_text_column([" True ", "false", "NA"], "boolean") == [True, False, None]
    assert parse_text_column(["true", "maybe"], "boolean") == ["true", "maybe"]


@pytest.mark.parametrize("type_", ["category", "date"])
def test_a_column_declared_as_text_keeps_what_looks_like_another_type(type_):
    assert parse_text_column(["1", "true", " NA ", ""], type_) == ["1", "true", None, None]


def test_codes_stay_text_unless_they_are_declared_as_numbers():
    assert parse_text_column(["9007199254740993", "1"]) == ["9007199254740993", "1"]
    assert parse_text_column(["9007199254740993", "1"], "number") == [9007199254740992.0, 1.0]


def test_a_column_without_values_stays_without_values():
    assert parse_text_column(["", "null", None]) == [None, None, None]


def test_characters_of_numbers_alone_make_no_number():
    assert parse_text_column(["1", "2-3"]) == ["1", "2-3"]
    assert parse_text_column(["1_0", "2"], "number") == ["1_0", 2.0]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1,234.5"], True),
        (["1.234,5", "7"], True),
        (["12 %", "$ 5"], True),
        (["1234", "5.5"], False),
        (["1,234", "about 5"], False),
        ([], False),
    ],
)
def test_numbers_for_people_are_those_that_a_program_cannot_read(texts, expected):
    assert are_written_numbers(texts) is expected
