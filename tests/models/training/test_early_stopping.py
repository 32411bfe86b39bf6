"""Which weights are kept, and when patience ends, counted by hand."""

import numpy as np
import pytest

from models.specification import EarlyStopping
from models.training.early_stopping import BestWeights, Patience


def over_after(losses, **choices):
    """The first epoch at whose end patience is over; None if it never is."""
    patience = Patience(EarlyStopping(**choices))
    for epoch, loss in enumerate(losses, start=1):
        patience.update(loss)
        if patience.is_over:
            return epoch
    return None


@pytest.mark.parametrize(
    ("losses", "choices", "epoch"),
    [
        ([3, 2, 2, 2], {"patience": 2}, 4),  # an equal loss is not better
        ([3, 2, 2, 1, 1, 1], {"patience": 2}, 6),
        ([3, 2, 1, 0], {"patience": 1}, None),
        ([3, 3], {"patience": 1}, 2),
        ([3.0, 2.5, 2.0], {"patience": 1, "minimum_change": 0.5}, 2),  # better by exactly the change is not enough
        ([3.0, 2.4, 1.8], {"patience": 1, "minimum_change": 0.5}, None),
        ([3.0, 2.6, 2.3, 2.3], {"patience": 2, "minimum_change": 0.5}, None),  # the third is better than the first
    ],
)
def test_patience_ends_after_so_many_epochs_without_a_better_one(losses, choices, epoch):
    assert over_after(losses, **choices) == epoch


def test_the_weights_of_the_first_of_equally_good_epochs_are_kept():
    best = BestWeights(np.zeros(2), np.zeros(1))
    for epoch, loss in enumerate([3.0, 1.0, 2.0, 1.0], start=1):
        best.offer(loss, epoch, np.full(2, float(epoch)), np.full(1, -float(epoch)))
    assert (best.loss, best.epoch) == (1.0, 2)
    assert (best.arrays["parameters"].tolist(), best.arrays["running"].tolist()) == ([2.0, 2.0], [-2.0])


def test_before_the_first_epoch_the_best_are_a_copy_of_the_first_parameters():
    parameters = np.ones(2)
    best = BestWeights(parameters, np.zeros(0))
    parameters[...] = 5
    assert (best.epoch, best.loss, best.arrays["parameters"].tolist()) == (0, np.inf, [1.0, 1.0])
