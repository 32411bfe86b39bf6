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
