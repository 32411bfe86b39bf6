"""A curve of any length keeps every epoch, and continues from what was saved."""

import pytest

from models.training.callbacks import EpochRecord
from models.training.learning_curve import Curve


def records(n):
    return [EpochRecord(k + 1, 1.0 / (k + 1), None if k % 2 else 0.5 * k, 0.1 * k, float(k)) for k in range(n)]


@pytest.mark.parametrize("n", [0, 1, 64, 65, 129])
def test_every_epoch_is_kept_in_its_order(n):
    curve = Curve()
    for record in records(n):
        curve.append(record)
    assert (len(curve), curve.array.shape) == (n, (n, 4))
    assert curve.records() == records(n)


@pytest.mark.parametrize("n", [0, 1, 64, 70])
def test_a_restored_curve_continues(n):
    saved, curve = Curve(), Curve()
    for record in records(n):
        saved.append(record)
    curve.restore(saved.array)
    for record in records(n + 70)[n:]:
        curve.append(record)
    assert curve.records() == records(n + 70)
