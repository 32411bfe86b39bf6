"""A delivery that did not arrive is tried again later and later, for about three days."""

from datetime import UTC, datetime

import pytest

from service.settings import Settings
from service.webhooks.schedule import read_retry_after, seconds_to_next

NOW = datetime(1994, 11, 6, 8, 49, 30, tzinfo=UTC)
WAITS = Settings(_env_file=None).webhook_retry_seconds


def test_attempts_go_on_for_about_three_days():
    least = [seconds_to_next(WAITS, tries, chance=0.0) for tries in range(len(WAITS))]
    assert least[:5] == [5, 30, 120, 600, 3600]
    assert least == sorted(least)
    assert 2.5 * 86_400 < sum(least) < 3.5 * 86_400
    assert seconds_to_next(WAITS, len(WAITS), chance=0.0) is None


def test_deliveries_that_failed_together_come_apart():
    assert seconds_to_next([100.0], 0, chance=0.0) == 100
    assert seconds_to_next([100.0], 0, chance=0.5) == pytest.approx(110)
    assert seconds_to_next([100.0], 0, chance=0.999_999) < 120


def test_a_receiver_may_ask_for_more_time_but_not_for_more_than_a_day():
    assert seconds_to_next([5.0], 0, chance=0.0, retry_after=120) == 120
    assert seconds_to_next([600.0], 0, chance=0.0, retry_after=120) == 600
    assert seconds_to_next([5.0], 0, chance=0.0, retry_after=10**9) == 86_400
    assert seconds_to_next([], 0, chance=0.0, retry_after=120) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 7),  # the date of RFC 9110, section 5.6.7
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
        ("", 0),
        ("-5", 0),
        ("soon", 0),
        ("1e9", 0),
        ("²", 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(value, seconds):
    assert read_retry_after(value, NOW) == seconds
