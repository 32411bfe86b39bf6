"""Figures and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from service.pages.formatting import age, duration, figure, percent, prose, score, size

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0.953333, "0.9533"),
        (1.23456e-7, "1.235e-7"),
        (12345, "12,345"),
        (0.001, "0.001"),
        (-0.00099996, "-1.000e-3"),
        (-1000.5, "-1,000"),
        (41234.56, "41,235"),
        (3.0, "3"),
        (0, "0"),
        (999_999_999_999_999, "999,999,999,999,999"),
        (True, "True"),
        ("linear", "linear"),
    ],
)
def test_a_figure_has_four_digits(value, written):
    assert figure(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0.9, "0.9000"),
        (1.0, "1.0000"),
        (-0.25, "-0.2500"),
        (9.99, "9.9900"),
        (-10.5, "-10.5"),
        (41234.56, "41,235"),
    ],
)
def test_scores_of_a_column_line_up(value, written):
    assert score(value) == written


@pytest.mark.parametrize(
    ("n_bytes", "written"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (10 * 1024, "10 KiB"),
        (1024**2, "1.0 MiB"),
        (50 * 1024**2, "50 MiB"),
        (1024**3, "1.0 GiB"),
        (5000 * 1024**3, "5000 GiB"),
    ],
)
def test_a_size_is_in_its_largest_unit(n_bytes, written):
    assert size(n_bytes) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, "–"),
        (0.44, "0.4 s"),
        (9.9, "9.9 s"),
        (10.0, "10 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (7800, "2 h 10 min"),
        (7805, "2 h 10 min"),
        (86400, "1 d"),
        (86400 * 4 + 7200, "4 d 2 h"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds, written):
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-3, "just now"),
        (4, "just now"),
        (5, "5 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (7300, "2 h ago"),
        (86400, "1 d ago"),
        (200000, "2 d ago"),
    ],
)
def test_an_age_is_in_its_largest_unit(seconds, written):
    assert age(NOON - timedelta(seconds=seconds), NOON) == written


@pytest.mark.parametrize(("share", "written"), [(0.1, "10 %"), (0.005, "0.5 %"), (1, "100 %"), (1 / 3, "33.3 %")])
def test_a_share_is_in_percent(share, written):
    assert percent(share) == written


def test_prose_marks_code_and_nothing_else():
    assert prose("`errors` says <b>where</b>\n    and why.") == (
        "<code>errors</code> says &lt;b&gt;where&lt;/b&gt; and why."
    )


def test_prose_of_nothing_is_empty():
    assert prose(None) == ""
