"""Numbers as people write them: one form for a column, and the number that each text means."""

import pytest

from models.data.reading.numbers import NumberForm, find_number_form, is_plain_number, looks_like_number

FORMS = [
    (["876,63", "365,75"], NumberForm(decimal=","), [876.63, 365.75]),
    (["$1,140.50", "$5,127.50"], NumberForm(thousands=",", unit="$"), [1140.5, 5127.5]),
    (["1,018", "177"], NumberForm(thousands=","), [1018.0, 177.0]),
    (["1.018,5", "177"], NumberForm(decimal=",", thousands="."), [1018.5, 177.0]),
    (["1 234,5", "10\u00a0000"], NumberForm(decimal=",", thousands=" "), [1234.5, 10000.0]),
    (["1'234.5", "12"], NumberForm(thousands="'"), [1234.5, 12.0]),
    (["12%", "3.5 %"], NumberForm(unit="%"), [12.0, 3.5]),
    (["5 kg", "10kg"], NumberForm(unit="kg"), [5.0, 10.0]),
    (["EUR 5.50", "EUR 7"], NumberForm(unit="EUR"), [5.5, 7.0]),
    (["-$5", "$7", "$-9"], NumberForm(unit="$"), [-5.0, 7.0, -9.0]),
    (["\N{MINUS SIGN}5,5", "3,1"], NumberForm(decimal=","), [-5.5, 3.1]),
    (["1,234", "0,125"], NumberForm(decimal=","), [1.234, 0.125]),
    (["1e5", "2", "-.5"], NumberForm(), [100000.0, 2.0, -0.5]),
]


@pytest.mark.parametrize(("texts", "form", "numbers"), FORMS)
def test_a_form_that_all_texts_share_is_found_and_read(texts, form, numbers):
    assert find_number_form(texts) == form
    assert [form.number(text) for text in texts] == numbers


@pytest.mark.parametrize(
    "texts",
    [
        ["A1", "A2"],  # codes
        ["3rd", "4th"],
        ["12a", "12b"],
        ["1.2.3", "1.2.4"],  # releases
        ["10-20", "20-30"],  # ranges
        ["5 kg", "5 lb"],  # two units
        ["$5", "7"],  # some with a unit, some without
        ["1,23,456"],
        ["1,5", "1.5"],  # two decimal signs
        ["12:30", "7:05"],
        ["5", "x"],
        ["inf", "5"],
        ["1_000", "5"],
        [],
    ],
)
def test_texts_without_one_form_have_none(texts):
    assert find_number_form(texts) is None


def test_a_thousand_or_a_decimal_is_decided_by_the_file():
    assert find_number_form(["1,234", "5,678"]) == NumberForm(thousands=",")
    assert find_number_form(["1,234", "5,678"], comma_is_decimal=True) == NumberForm(decimal=",")


def test_groups_of_thousands_have_three_digits_and_no_leading_zero():
    form = NumberForm(thousands=",")
    assert form.number("12,345,678") == 12345678.0
    for text in ("1234,567", "12,34", "0,123", "1,2345", ",123", "1,234,"):
        assert form.number(text) is None, text


def test_a_decimal_comma_takes_no_point_for_a_decimal_sign():
    assert NumberForm(decimal=",").number("12.5") is None
    assert NumberForm(decimal=",").number("12") == 12.0


def test_a_text_without_the_unit_is_read_too():
    assert NumberForm(unit="$").number("7.5") == 7.5
    assert NumberForm(unit="$").number("7.5 kg") is None


def test_what_a_program_reads_and_what_a_person_reads_as_a_number():
    assert all(map(is_plain_number, ["1", "-1.5e-3", " 2 ", ".5", "5."]))
    assert not any(map(is_plain_number, ["1,5", "inf", "nan", "1_0", "", "0x1"]))
    assert all(map(looks_like_number, ["1,5", "$5", "5 kg", "1'000"]))
    assert not any(map(looks_like_number, ["x", "A1", "2021-01-02", ""]))
