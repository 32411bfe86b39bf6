"""Figures and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from service.pages.formatting import age, duration, figure, prose, score, size

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0.953333, "0.9533"),
        (1.23456e-7, "1.235e-7"),
        (12345, "12,345"),
        (41234.56, "41,235"),
        (3.0, "3"),
        ("linear", "linear"),
    ],
)
def test_a_figure_has_four_digits(value, written):
    assert figure(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(None, "–"), (0.9, "0.9000"), (1.0, "1.0000"), (-0.25, "-0.2500"), (41234.56, "41,235")]
)
def test_scores_of_a_column_line_up(value, written):
    assert score(value) == written


@pytest.mark.parametrize(
    ("n_bytes", "written"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (50 * 1024**2, "50 MiB")]
)
def test_a_size_is_in_its_largest_unit(n_bytes, written):
    assert size(n_bytes) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, "–"),
        (0.44, "0.4 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (86400 * 4 + 7200, "4 d 2 h"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds, written):
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(-3, "just now"), (4, "just now"), (59, "59 s ago"), (60, "1 min ago"), (7300, "2 h ago"), (200000, "2 d ago")],
)
def test_an_age_is_in_its_largest_unit(seconds, written):
    assert age(NOON - timedelta(seconds=seconds), NOON) == written


def test_prose_marks_code_and_nothing_else():
    assert prose("`errors` says <b>where</b>\n    and why.") == (
        "<code>errors</code> says &lt;b&gt;where&lt;/b&gt; and why."
    )
