"""A stack ends each network as a training of its own does, wherever it is interrupted and however some leave."""

from itertools import count

import numpy as np
import pytest

from models.errors import BadCheckpoint, Diverged, Interrupted
from models.fitting.stacked.training import StackedData, StackedTraining
from models.network.network import Network
from models.specification import EarlyStopping, NetworkSpecification, Sgd, TrainingSpecification
from models.training.callbacks import NoCallback
from models.training.loop import Training

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)), RNG.normal(size=(60, 1))
NETWORK = NetworkSpecification(hidden=(5,), activation="tanh", output="linear", dtype="float64")
RATES = (0.3, 0.01, 0.1)


def networks(specification=NETWORK):
    return [Network.create(specification, 3, 1, np.random.default_rng(k)) for k in range(len(RATES))]


def specifications(**choices):
    return [
        TrainingSpecification(**({"epochs": 8, "batch_size": 16} | choices), optimizer=Sgd(learning_rate=rate))
        for rate in RATES
    ]


def stack(weight=None, validates=True, clock=lambda: 0.0, **choices):
    held_out = (X[40:], Y[40:]) if validates else None
    return StackedTraining(
        networks(), specifications(**choices), StackedData(X[:40], Y[:40], weight, held_out, None), 1, clock
    )


def alone(weight=None, validates=True, **choices):
    held_out = (X[40:], Y[40:]) if validates else None
    for network, specification in zip(networks(), specifications(**choices), strict=True):
        training = Training(network, specification, X[:40], Y[:40], sample_weight=weight, validation=held_out, seed=1)
        yield training, training.run()


CASES = {
    "plain": {},
    "not validated": {"validates": False},
    "weighted": {"weight": np.linspace(0, 2, 40)},
    "in order": {"shuffle": False},
    "averaged": {"averaged_weights": 0.8},
    "early": {"epochs": 40, "early_stopping": EarlyStopping(patience=2)},
    "early by the training loss": {
        "epochs": 40,
        "early_stopping": EarlyStopping(patience=2, minimum_change=0.01, metric="loss"),
    },
    "averaged and early": {"epochs": 40, "averaged_weights": 0.5, "early_stopping": EarlyStopping(patience=3)},
    "32 rows a batch by default": {"batch_size": None},
}


@pytest.mark.parametrize("case", CASES)
def test_each_network_ends_as_alone(case):
    training = stack(**CASES[case])
    results = training.run(NoCallback())
    for network, result, (single, expected) in zip(training._networks, results, alone(**CASES[case]), strict=True):
        np.testing.assert_allclose(network.parameters, single.network.parameters, rtol=1e-9, atol=1e-12)
        assert (result.stopped, result.best_epoch, result.epoch) == (
            expected.stopped,
            expected.best_epoch,
            expected.epoch,
        )
        assert result.best_loss == pytest.approx(expected.best_loss, rel=1e-9)
        for ours, theirs in zip(result.curve, expected.curve, strict=True):
            assert (ours.epoch, ours.learning_rate) == (theirs.epoch, theirs.learning_rate)
            assert ours.loss == pytest.approx(theirs.loss, rel=1e-9)
            assert (ours.validation_loss is None) == (theirs.validation_loss is None)
            assert (ours.validation_loss or 0) == pytest.approx(theirs.validation_loss or 0, rel=1e-9)


class Watcher(NoCallback):
    """Keeps every state, and has a wish after some of them."""

    def __init__(self, wish=None, after=0):
        self.states, self.wish, self.after = [], wish, after

    def checkpoint(self, state):
        self.states.append(state)

    def interruption(self):
        return self.wish if len(self.states) >= self.after else None


@pytest.mark.parametrize("case", ["plain", "averaged and early"])
def test_a_stack_continues_from_any_state_to_the_same_bits(case):
    watcher, calm = Watcher(), stack(checkpoint_every=1, **CASES[case])
    calm.run(watcher)
    for state in watcher.states:
        rough = stack(checkpoint_every=1, **CASES[case])
        rough.restore(state)
        results = rough.run(NoCallback())
        assert rough.records.final.tobytes() == calm.records.final.tobytes()
        assert [result.epoch for result in results] == [calm.records.result(k).epoch for k in range(3)]


@pytest.mark.parametrize(("every", "n_states"), [(1, 8), (3, 2), (8, 1), (9, 0)])
def test_states_are_saved_every_so_many_epochs(every, n_states):
    watcher = Watcher()
    stack(checkpoint_every=every).run(watcher)
    assert len(watcher.states) == n_states


def test_without_that_a_state_is_saved_when_two_seconds_have_passed_or_an_epoch_takes_one():
    for step, is_saved in [(0.0, False), (0.05, True), (5.0, True)]:
        now, watcher = [0.0], Watcher()

        def clock(now=now, step=step):
            now[0] += step
            return now[0]

        stack(clock=clock).run(watcher)
        assert bool(watcher.states) is is_saved


def test_a_stack_that_is_handed_back_saves_its_state_first():
    watcher = Watcher("hand back")
    with pytest.raises(Interrupted, match="hand back"):
        stack().run(watcher)
    assert len(watcher.states) == 1
    again, calm = stack(), stack()
    again.restore(watcher.states[0])
    again.run(NoCallback())
    calm.run(NoCallback())
    assert again.records.final.tobytes() == calm.records.final.tobytes()


def test_asked_to_keep_the_best_every_network_ends_so():
    seconds = count()
    training = stack(checkpoint_every=1, clock=lambda: 0.01 * next(seconds))
    results = training.run(Watcher("keep best", after=3))
    assert [(result.stopped, result.epoch) for result in results] == [("on request", 3)] * 3


def test_a_state_of_other_settings_is_rejected():
    watcher = Watcher()
    stack(checkpoint_every=1).run(watcher)
    with pytest.raises(BadCheckpoint, match="other settings"):
        stack(checkpoint_every=2).restore(watcher.states[0])


def test_a_network_that_diverges_leaves_and_the_others_train_on():
    made = [
        TrainingSpecification(epochs=300, batch_size=40, optimizer=Sgd(learning_rate=rate))
        for rate in (1e30, 0.01, 0.02)
    ]
    training = StackedTraining(networks(), made, StackedData(X[:40], Y[:40], None, None, None), 1)
    results = training.run(NoCallback())
    assert isinstance(results[0], Diverged)
    assert [result.epoch for result in results[1:]] == [300, 300]


def test_the_time_of_earlier_attempts_counts():
    training = stack()
    training.elapsed_before = 5.0
    assert training.elapsed_seconds == 5.0


@pytest.mark.parametrize(
    ("since_checkpoint", "epoch_seconds", "is_due"),
    [(1.999, 0.999, False), (2.0, 0.0, True), (0.0, 1.0, True)],
)
def test_a_state_is_due_after_exactly_two_seconds_or_an_epoch_of_exactly_one(since_checkpoint, epoch_seconds, is_due):
    training = stack(clock=lambda: 10.0 + since_checkpoint)
    training._checkpointed, training._epoch_seconds = 10.0, epoch_seconds
    assert training._checkpoint_is_due() is is_due
