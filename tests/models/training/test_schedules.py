"""The learning rate at the edges of a training: one step, one epoch, a warm-up longer than all, a rate past float64."""

import math

import numpy as np
import pytest

from models.data.columns import infer_table
from models.errors import Diverged
from models.fitting.fit import fit, prepare
from models.specification import Cosine, Exponential, OneCycle, Polynomial, Recipe, ReduceOnPlateau, Step
from models.training.schedules import schedule_for

ALL = [
    OneCycle(),
    OneCycle(rise=0.1),
    OneCycle(rise=0.5),
    OneCycle(rise=1 - 2**-53),
    OneCycle(rise=5e-324),
    OneCycle(start_divisor=5e-324, end_divisor=5e-324),
    Cosine(),
    Cosine(period_epochs=1, growth=3),
    Polynomial(),
    Polynomial(power=1e300),
    Exponential(factor=1e300),
    Exponential(factor=5e-324),
    Step(every_epochs=1, factor=1e300),
    ReduceOnPlateau(patience=0),
]


def rates(schedule, epochs, n_steps):
    return [schedule.rate(epoch, step, n_steps) for epoch in range(epochs) for step in range(n_steps)]


def trained(schedule, rows, **training):
    table = infer_table({"x": [float(row) for row in range(rows)], "y": [2.0 * row for row in range(rows)]})
    request = {"label": "y", "task": "regression", "validation": {"fraction": 0}, "network": {"hidden": []}}
    return fit(prepare(table, Recipe.from_json(request | {"training": {"schedule": schedule, **training}})))


@pytest.mark.parametrize("chosen", ALL, ids=repr)
@pytest.mark.parametrize("base", [0.01, 1e307])
@pytest.mark.parametrize("warm_up", [0, 1, 3, 50])
@pytest.mark.parametrize(("epochs", "n_steps"), [(1, 1), (2, 1), (1, 2), (10, 1), (1, 10), (2, 5), (3, 7)])
def test_every_schedule_has_a_finite_rate_at_every_step_of_every_training(chosen, base, warm_up, epochs, n_steps):
    fields = {name: getattr(chosen, name) for name in type(chosen).__slots__} | {"warm_up_epochs": warm_up}
    found = rates(schedule_for(type(chosen)(**fields), base, epochs), epochs, n_steps)
    assert np.isfinite(found).all()
    assert min(found) >= 0


@pytest.mark.parametrize(("rise", "epochs", "n_steps"), [(0.1, 10, 1), (0.1, 1, 10), (0.5, 2, 1), (0.25, 2, 2)])
def test_one_cycle_whose_rise_is_one_step_begins_at_its_peak_and_ends_at_its_end(rise, epochs, n_steps):
    found = rates(schedule_for(OneCycle(rise=rise), 0.5, epochs), epochs, n_steps)
    assert found[0] == 0.5
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(0.5 / 250_000, rel=1e-9)


def test_a_warm_up_longer_than_the_training_is_its_first_part():
    # (s + 1) / S of the rate: 1 of 50 epochs, two steps each
    assert rates(schedule_for(Cosine(warm_up_epochs=50), 1.0, 1), 1, 2) == [0.01, 0.02]


def test_a_training_of_which_one_cycle_rises_for_one_step_ends():
    fitted = trained({"name": "one_cycle", "rise": 0.1}, 10, epochs=10, batch_size=10)
    assert len(fitted.curve) == 10
    assert all(math.isfinite(point.learning_rate) for point in fitted.curve)


def test_a_rate_that_grows_past_float64_is_told_as_a_training_that_diverged():
    with pytest.raises(Diverged, match="lower learning_rate"):
        trained({"name": "exponential", "factor": 1e10}, 10, epochs=60, optimizer="sgd", batch_size=10)


def plateau_rates(warm_up_epochs, losses, restored_before=None):
    """The rate of each epoch; with `restored_before` another process goes on from that epoch."""
    chosen = ReduceOnPlateau(patience=1, warm_up_epochs=warm_up_epochs)
    schedule, found = schedule_for(chosen, 1.0, len(losses)), []
    for epoch, loss in enumerate(losses):
        if epoch == restored_before:
            state, schedule = schedule.state(), schedule_for(chosen, 1.0, len(losses))
            schedule.restore(state)
        found.append(schedule.rate(epoch, 0, 1))
        schedule.on_epoch_end(loss)
    return found


@pytest.mark.parametrize("restored_before", [None, 2, 4, 6])
def test_patience_with_a_plateau_begins_after_the_warm_up(restored_before):
    # By hand: 4 rising epochs, then the first loss is the best, and the rate falls after two epochs without a better.
    expected = [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 0.1, 0.1]
    assert plateau_rates(4, [1.0] * 9, restored_before) == pytest.approx(expected, rel=1e-12)


def test_a_low_loss_during_the_warm_up_is_no_best_that_later_losses_must_beat():
    assert plateau_rates(2, [0.1, 0.1, 0.9, 0.8, 0.7, 0.6])[2:] == [1.0] * 4


def test_a_minimum_above_the_rate_does_not_raise_it_at_a_plateau():
    schedule = schedule_for(ReduceOnPlateau(patience=0, minimum=0.5), 0.1, 4)
    found = []
    for epoch in range(4):
        found.append(schedule.rate(epoch, 0, 1))
        schedule.on_epoch_end(1.0)
    assert found == [0.1] * 4
