"""Texts that are dates, and texts that only look like some."""

import numpy as np
import pytest

from models.data.dates import looks_like_date, parse_dates
from models.errors import BadColumn


def test_a_moment_before_the_first_year_in_utc_is_a_bad_date_and_no_crash():
    text = "0001-01-01T00:00:00+14:00"  # still the year 0 in UTC
    assert not looks_like_date(text)
    for date_format in (None, "%Y-%m-%dT%H:%M:%S%z"):
        with pytest.raises(BadColumn) as error:
            parse_dates("when", ["2024-02-29T00:00:00+00:00", text], date_format)
        assert error.value.rows == [1]


def test_spaces_around_a_date_do_not_matter():
    expected = np.array(["2024-02-29"], dtype="datetime64[us]")
    np.testing.assert_array_equal(parse_dates("when", [" 2024-02-29 "]), expected)


@pytest.mark.parametrize("text", ["2024-02-29", "2024-02-29T12:00:00Z"])
def test_an_iso_date_with_dashes_looks_like_a_date(text):
    assert looks_like_date(text)


@pytest.mark.parametrize("text", ["20240229", "20240229T120000", "2024-02", "2023-02-29", "2024-W09-4x"])
def test_digits_that_may_be_a_number_or_no_day_do_not_look_like_a_date(text):
    assert not looks_like_date(text)
