"""When a training looks at its callback, and how each wish ends it; the clock is moved by hand."""

import pytest

from models.errors import Interrupted
from models.training.callbacks import HAND_BACK_SECONDS, POLL_SECONDS, Ended, NoCallback, StopCheck


class Clock:
    """Shows the time that was set."""

    now = 100.0

    def __call__(self):
        return self.now


class Wishes(NoCallback):
    """Counts how often it is polled, and always has the same wish."""

    def __init__(self, wish=None):
        self.wish, self.polls = wish, 0

    def interruption(self):
        self.polls += 1
        return self.wish


def test_the_callback_is_polled_at_once_and_then_every_half_a_millisecond():
    clock, callback = Clock(), Wishes()
    check = StopCheck(callback, clock, None)
    for moment, polls in [(0.0, 1), (0.9 * POLL_SECONDS, 1), (1.001 * POLL_SECONDS, 2), (1.5 * POLL_SECONDS, 2)]:
        clock.now = 100.0 + moment
        check.check()
        assert callback.polls == polls


@pytest.mark.parametrize(("wish", "error"), [("cancel", Interrupted), ("keep best", Ended)])
def test_a_wish_ends_the_training(wish, error):
    with pytest.raises(error):
        StopCheck(Wishes(wish), Clock(), None).check()


def test_the_time_limit_ends_it_exactly_when_it_is_over_and_before_any_wish():
    clock = Clock()
    check = StopCheck(NoCallback(), clock, 5.0)
    clock.now = 104.999
    check.check()
    check = StopCheck(Wishes("cancel"), clock, 5.0)
    clock.now = 109.999
    with pytest.raises(Ended) as end:
        check.check()
    assert end.value.stopped == "time limit"


def test_a_limit_that_was_used_up_ends_it_at_the_first_batch():
    with pytest.raises(Ended):
        StopCheck(NoCallback(), Clock(), 0.0).check()


def test_an_epoch_may_be_finished_within_half_a_second_of_the_wish_to_hand_back():
    clock = Clock()
    check = StopCheck(Wishes("hand back"), clock, None)
    assert not check.must_hand_back
    check.check()
    assert check.must_hand_back
    clock.now = 100.0 + 0.9 * HAND_BACK_SECONDS
    check.check()
    clock.now = 100.0 + HAND_BACK_SECONDS
    with pytest.raises(Interrupted) as interruption:
        check.check()
    assert interruption.value.reason == "hand back"


def test_without_wishes_nothing_ends():
    check = StopCheck(NoCallback(), Clock(), None)
    check.check()
    assert not check.must_hand_back
