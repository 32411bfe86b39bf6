"""The forms in which people write dates."""

import pytest

from models.data.reading.dates import find_date_formats


@pytest.mark.parametrize(
    ("texts", "date_format"),
    [
        (["2023/01/01", "2023/02/03"], "%Y/%m/%d"),
        (["13/02/2021", "01/03/2021"], "%d/%m/%Y"),
        (["02/13/2021", "03/01/2021"], "%m/%d/%Y"),
        (["31.12.21", "01.02.20"], "%d.%m.%y"),
        (["5 Jan 2021", "12 Mar 2020"], "%d %b %Y"),
        (["January 5, 2021", "May 12, 2020"], "%B %d, %Y"),
        (["31-Dec-2020"], "%d-%b-%Y"),
        (["12/31/2020 11:59 PM"], "%m/%d/%Y %I:%M %p"),
        (["31.12.2020 23:59"], "%d.%m.%Y %H:%M"),
        (["3/2021", "12/2020"], "%m/%Y"),
    ],
)
def test_one_reading_is_found(texts, date_format):
    assert find_date_formats(texts) == [date_format]


def test_days_that_could_be_months_leave_two_readings():
    assert find_date_formats(["01/02/2021", "03/04/2021"]) == ["%d/%m/%Y", "%m/%d/%Y"]


def test_one_text_decides_for_all():
    ambiguous = [f"{day:02d}/{month:02d}/2021" for month in range(1, 13) for day in range(1, 13)]
    assert find_date_formats([*ambiguous, "13/01/2021"]) == ["%d/%m/%Y"]
    assert find_date_formats([*ambiguous, "13/13/2021"]) == []


def test_readings_that_mean_the_same_days_are_one():
    assert find_date_formats(["01/01/2021", "02/02/2021"]) == ["%d/%m/%Y"]


@pytest.mark.parametrize("texts", [["abc 2021"], ["555-1234"], ["12-34-56"], ["1.5"], ["x"], [""], ["30/02/2021"]])
def test_other_texts_are_no_dates(texts):
    assert find_date_formats(texts) == []
