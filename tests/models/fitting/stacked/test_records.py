"""What is kept of each network of a stack: as each network's own patience and best weights keep it."""

import numpy as np
import pytest

from models.errors import Diverged
from models.fitting.stacked.records import TrainingRecords
from models.specification import EarlyStopping
from models.training.early_stopping import BestWeights, Patience

STOPPING = EarlyStopping(patience=2, minimum_change=0.25)


def recorded(losses, stopping=STOPPING, validation=True):
    """Records of losses of shape (n_epochs, n_networks); each epoch's parameters are its number."""
    n = losses.shape[1]
    records = TrainingRecords(np.zeros((n, 1)), stopping)
    for epoch, judged in enumerate(losses, start=1):
        point = (judged + 10, judged if validation else np.nan, np.full(n, 0.1 * epoch), float(epoch))
        records.record(np.arange(n), point, judged, np.full((n, 1), float(epoch)))
    return records


@pytest.mark.parametrize("seed", range(20))
def test_networks_side_by_side_are_judged_as_each_alone(seed):
    losses = np.random.default_rng(seed).integers(0, 8, (7, 5)) / 8
    records = recorded(losses)
    for place, column in enumerate(losses.T.tolist()):
        best, patience = BestWeights(np.zeros(1), np.zeros(0)), Patience(STOPPING)
        for epoch, loss in enumerate(column, start=1):
            best.offer(loss, epoch, np.full(1, float(epoch)), np.zeros(0))
            patience.update(loss)
        assert (records.best_loss[place], records.best_epoch[place]) == (best.loss, best.epoch)
        assert records.best[place].tolist() == best.arrays["parameters"].tolist()
        assert (records.lowest[place], records.waited[place]) == (patience.lowest, patience.waited)
        assert records.are_over(np.array([place])).tolist() == [patience.is_over]


def test_the_best_weights_are_kept_where_training_may_stop_early_and_else_the_last():
    losses, last = np.array([[1.0], [3.0], [2.0]]), np.full((1, 1), 99.0)
    for stopping, kept, stopped in [(STOPPING, 1.0, "early"), (None, 99.0, None)]:
        records = recorded(losses, stopping)
        records.end(np.arange(1), last)
        assert (records.final[0, 0], records.stopped[0]) == (kept, stopped)


def test_a_network_that_was_ended_on_request_keeps_its_best_weights():
    records = recorded(np.array([[1.0], [3.0]]), stopping=None)
    records.stopped[0] = "on request"
    records.end(np.arange(1), np.full((1, 1), 99.0))
    assert (records.final[0, 0], records.stopped[0]) == (1.0, "on request")


def test_without_an_ended_epoch_only_the_last_parameters_exist():
    records = TrainingRecords(np.zeros((1, 1)), STOPPING)
    records.end(np.arange(1), np.full((1, 1), 99.0))
    assert records.final[0, 0] == 99.0
    assert records.result(0).curve == []
    assert records.result(0).elapsed_seconds == 0.0


def test_a_loss_that_is_no_number_ends_a_network_and_says_when():
    records = recorded(np.array([[1.0, 1.0], [1.0, np.nan], [1.0, np.nan]])[:2])
    assert records.are_over(np.arange(2)).tolist() == [False, True]
    result = records.result(1)
    assert isinstance(result, Diverged)
    assert result.epoch == 2
    assert not isinstance(records.result(0), Diverged)


def test_a_network_that_left_has_the_epochs_until_then():
    records = recorded(np.array([[1.0, 2.0], [0.5, 3.0]]))
    records.record(
        np.array([0]), (np.array([10.25]), np.array([0.25]), np.array([0.3]), 3.0), np.array([0.25]), np.ones((1, 1))
    )
    stays, left = records.result(0), records.result(1)
    assert [record.epoch for record in stays.curve] == [1, 2, 3]
    assert [(record.epoch, record.loss, record.validation_loss) for record in left.curve] == [(1, 12, 2), (2, 13, 3)]
    assert (stays.elapsed_seconds, left.elapsed_seconds) == (3.0, 2.0)
    assert (stays.best_epoch, left.best_epoch, stays.epoch, left.epoch) == (3, 1, 3, 2)


def test_without_held_out_rows_there_is_no_validation_loss():
    [record] = recorded(np.array([[1.0]]), validation=False).result(0).curve
    assert record.validation_loss is None
