"""The limits of a training: when a checkpoint is due, what progress it reports, and how large its evaluations are."""

import numpy as np
import pytest

from models.network.network import Network
from models.specification import EarlyStopping, NetworkSpecification, Sgd, TrainingSpecification
from models.training import loop
from models.training.callbacks import NoCallback
from models.training.loop import Training

X = np.random.default_rng(0).normal(size=(30, 2))
NETWORK = NetworkSpecification(hidden=(3,), output="linear", dtype="float64")


def training_of(clock=lambda: 0.0, validation=None, **choices):
    network = Network.create(NETWORK, 2, 1, np.random.default_rng(1))
    specification = TrainingSpecification(**({"epochs": 4, "optimizer": Sgd(learning_rate=0.1)} | choices))
    return Training(network, specification, X, X[:, :1], validation=validation, clock=clock)


@pytest.mark.parametrize(
    ("since_checkpoint", "epoch_seconds", "is_due"),
    [(1.999, 0.999, False), (2.0, 0.0, True), (0.0, 1.0, True)],
)
def test_a_checkpoint_is_due_after_exactly_two_seconds_or_an_epoch_of_exactly_one(
    since_checkpoint, epoch_seconds, is_due
):
    training = training_of(clock=lambda: 10.0 + since_checkpoint)
    training._checkpointed, training._epoch_seconds = 10.0, epoch_seconds
    assert training._checkpoint_is_due() is is_due


class Keeps(NoCallback):
    """Keeps what it hears, and the states."""

    def __init__(self):
        self.progress, self.states = [], []

    def on_epoch_end(self, record, progress):
        self.progress.append((record, progress))

    def checkpoint(self, state):
        self.states.append(state)


@pytest.mark.parametrize(("every", "n_states"), [(1, 4), (2, 2), (4, 1), (5, 0)])
def test_checkpoints_come_every_so_many_epochs(every, n_states):
    callback = Keeps()
    training_of(checkpoint_every=every).run(callback)
    assert len(callback.states) == n_states


def test_progress_counts_epochs_rows_and_the_time_that_is_left():
    ticks = iter(range(10**6))
    callback, training = Keeps(), training_of(clock=lambda: float(next(ticks)), batch_size=30)
    training.run(callback)
    for epoch, (record, progress) in enumerate(callback.progress, start=1):
        assert (record.epoch, progress.epoch, progress.epochs) == (epoch, epoch, 4)
        assert progress.eta_seconds == pytest.approx((4 - epoch) * record.elapsed_seconds / epoch)
        assert (progress.loss, progress.validation_loss) == (record.loss, None)
    assert callback.progress[-1][1].rows_per_second == 30 / training._epoch_seconds


@pytest.mark.parametrize("n_at_once", [1, 7, 30, 31])
def test_the_loss_of_held_out_rows_is_their_mean_however_many_are_read_at_once(monkeypatch, n_at_once):
    monkeypatch.setattr(loop, "EVALUATION_ROWS", n_at_once)
    training = training_of(validation=(X, X[:, 1:]))
    record = training.run().curve[-1]
    assert record.validation_loss == pytest.approx(np.mean((training.network.forward(X) - X[:, 1:]) ** 2), rel=1e-12)


def test_epochs_that_are_left_out_are_at_most_500():
    assert training_of(epochs=None).epochs == 500
    assert training_of().epochs == 4


def test_the_loss_that_stops_a_training_also_chooses_its_best_epoch():
    falling_and_rising = (X, -X[:, :1])  # what lowers the training loss raises this one
    by_loss = training_of(validation=falling_and_rising, early_stopping=EarlyStopping(metric="loss")).run()
    by_validation = training_of(validation=falling_and_rising, early_stopping=EarlyStopping()).run()
    assert (by_loss.best_epoch, by_validation.best_epoch) == (4, 1)
    assert by_loss.best_loss == by_loss.curve[-1].loss
    assert by_validation.best_loss == by_validation.curve[0].validation_loss


def test_a_time_limit_counts_earlier_attempts():
    training = training_of(time_limit_seconds=5.0)
    training._state.elapsed_before = 5.0
    result = training.run()
    assert (result.stopped, result.epoch) == ("time limit", 0)
    assert training.elapsed_seconds == 5.0


@pytest.mark.parametrize(("choices", "kept"), [({"early_stopping": EarlyStopping(patience=99)}, 0), ({}, 3)])
def test_a_training_that_could_have_stopped_early_keeps_its_best_epoch_and_any_other_its_last(choices, kept):
    held_out = (X, -X[:, :1])  # its loss rises from epoch to epoch
    training = training_of(validation=held_out, **choices)
    result = training.run()
    assert (result.stopped, result.epoch, result.best_epoch) == (None, 4, 1)
    loss = np.mean((training.network.forward(X) - held_out[1]) ** 2)
    assert loss == pytest.approx(result.curve[kept].validation_loss, rel=1e-12)
