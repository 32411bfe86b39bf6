"""Schedules accept what their formulas allow, up to each limit, and begin with documented defaults."""

import pytest

from models.specification import Constant, Cosine, Exponential, OneCycle, Polynomial, ReduceOnPlateau, Step

EVERY = (Constant, Step, Exponential, Cosine, OneCycle, Polynomial, ReduceOnPlateau)
COUNTS = [(Step, "every_epochs"), (Cosine, "period_epochs"), (Cosine, "growth")]
POSITIVE = [
    (Step, "factor"),
    (Exponential, "factor"),
    (Polynomial, "power"),
    (OneCycle, "start_divisor"),
    (OneCycle, "end_divisor"),
]
NOT_NEGATIVE = [
    *((kind, "warm_up_epochs") for kind in EVERY),
    (Cosine, "minimum"),
    (ReduceOnPlateau, "minimum"),
    (ReduceOnPlateau, "patience"),
    (ReduceOnPlateau, "threshold"),
]


@pytest.mark.parametrize(("kind", "field"), COUNTS)
def test_a_period_has_at_least_one_epoch(kind, field):
    assert getattr(kind(**{field: 1}), field) == 1
    for value in (0, -1):
        with pytest.raises(ValueError, match=field):
            kind(**{field: value})


@pytest.mark.parametrize(("kind", "field"), POSITIVE)
def test_a_factor_must_be_a_finite_number_above_0(kind, field):
    for value in (1e-9, 1.0, 2.0):
        assert getattr(kind(**{field: value}), field) == value
    for value in (0.0, -1.0, float("inf")):
        with pytest.raises(ValueError, match=field):
            kind(**{field: value})


@pytest.mark.parametrize(("kind", "field"), NOT_NEGATIVE)
def test_a_number_of_epochs_or_a_minimum_may_be_0_but_not_negative(kind, field):
    for value in (0, 1):
        assert getattr(kind(**{field: value}), field) == value
    with pytest.raises(ValueError, match=field):
        kind(**{field: -1})


@pytest.mark.parametrize(("kind", "field"), [(OneCycle, "rise"), (ReduceOnPlateau, "factor")])
def test_a_share_of_the_training_or_of_the_rate_lies_inside_0_and_1(kind, field):
    for value in (1e-9, 1 - 1e-9):
        assert getattr(kind(**{field: value}), field) == value
    for value in (0.0, 1.0):
        with pytest.raises(ValueError, match=field):
            kind(**{field: value})


def test_no_schedule_warms_up_by_default():
    assert {kind().warm_up_epochs for kind in EVERY} == {0}


def test_the_other_defaults_are_the_documented_ones():
    assert (Step().every_epochs, Cosine().period_epochs, Cosine().growth, ReduceOnPlateau().patience) == (
        30,
        None,
        1,
        10,
    )
