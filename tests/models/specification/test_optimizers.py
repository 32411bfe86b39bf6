"""Optimizers accept what their papers allow, up to each limit, and begin with documented defaults."""

import pytest

from models.specification import Adagrad, Adam, AdamW, Lbfgs, Lion, Nadam, RmsProp, Sgd

SHARES = {
    (Sgd, "momentum"),
    (RmsProp, "decay"),
    (RmsProp, "momentum"),
    *((kind, name) for kind in (Adam, AdamW, Nadam, Lion) for name in ("beta1", "beta2")),
}
POSITIVE = {
    *((kind, "learning_rate") for kind in (Sgd, RmsProp, Adagrad, Adam, AdamW, Nadam, Lion, Lbfgs)),
    *((kind, "epsilon") for kind in (RmsProp, Adagrad, Adam, AdamW, Nadam)),
}
NOT_NEGATIVE = {
    (AdamW, "weight_decay"),
    (Nadam, "momentum_decay"),
    (Lion, "weight_decay"),
    (Lbfgs, "line_search_steps"),
}


def sorted_cases(cases):
    return sorted(cases, key=repr)


@pytest.mark.parametrize(("kind", "field"), sorted_cases(SHARES))
def test_a_share_may_be_0_but_not_1(kind, field):
    for value in (0.0, 1 - 1e-12):
        assert getattr(kind(**{field: value}), field) == value
    for value in (-1e-12, 1.0, float("nan")):
        with pytest.raises(ValueError, match=field):
            kind(**{field: value})


@pytest.mark.parametrize(("kind", "field"), sorted_cases(POSITIVE))
def test_a_rate_must_be_a_finite_number_above_0(kind, field):
    for value in (1e-300, 1e300):
        assert getattr(kind(**{field: value}), field) == value
    for value in (0.0, -1e-300, float("inf"), float("nan")):
        with pytest.raises(ValueError, match=field):
            kind(**{field: value})


@pytest.mark.parametrize(("kind", "field"), sorted_cases(NOT_NEGATIVE))
def test_a_decay_or_a_number_of_steps_may_be_0_but_not_negative(kind, field):
    for value in (0, 1):
        assert getattr(kind(**{field: value}), field) == value
    for value in (-1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match=field):
            kind(**{field: value})


def test_the_history_of_lbfgs_has_at_least_one_pair():
    assert Lbfgs(history=1).history == 1
    with pytest.raises(ValueError, match="history"):
        Lbfgs(history=0)


def test_nesterov_needs_a_momentum():
    assert Sgd(momentum=1e-9, nesterov=True).nesterov
    assert not Sgd(momentum=0.0).nesterov
    with pytest.raises(ValueError, match="nesterov"):
        Sgd(momentum=0.0, nesterov=True)


def test_lbfgs_remembers_ten_steps_and_looks_25_times_by_default():
    assert (Lbfgs().history, Lbfgs().line_search_steps) == (10, 25)
