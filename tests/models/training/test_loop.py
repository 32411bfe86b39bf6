"""How a training ends, what it keeps, and what it tells on the way."""

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from models.errors import BadRecipe, Diverged, Interrupted
from models.network.network import Network
from models.specification import (
    Adam,
    CrossEntropy,
    EarlyStopping,
    GradientClip,
    Hinge,
    Huber,
    Lbfgs,
    Mse,
    NetworkSpecification,
    Poisson,
    Sgd,
    TrainingSpecification,
)
from models.training.callbacks import EpochRecord, NoCallback, Progress
from models.training.loop import Training
from models.training.regularization import Penalty

LINEAR = NetworkSpecification(hidden=(), output="linear", dtype="float64")
SMALL = NetworkSpecification(hidden=(6,), activation="tanh", output="linear", dtype="float64")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.1 * RNG.standard_normal((60, 1))


def training_of(specification: TrainingSpecification, network: NetworkSpecification = SMALL, **more) -> Training:
    start = Network.create(network, 3, 1, np.random.default_rng(1))
    return Training(start, specification, X[:40], Y[:40], seed=1, **more)


def validated(specification: TrainingSpecification, network: NetworkSpecification = SMALL) -> Training:
    return training_of(specification, network, validation=(X[40:], Y[40:]))


class Asks(NoCallback):
    """Makes one wish after some epochs, and notes all that it hears."""

    def __init__(self, wish=None, after_epochs: int = 0) -> None:
        self.wish, self.after = wish, after_epochs
        self.heard: list[tuple[EpochRecord, Progress]] = []
        self.states: list[bytes] = []

    def on_epoch_end(self, record, progress):
        self.heard.append((record, progress))

    def checkpoint(self, state):
        self.states.append(state)

    def interruption(self):
        return self.wish if len(self.heard) >= self.after else None


class Clock:
    """Moves on by the same time whenever it is read."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_a_linear_network_finds_the_least_squares_solution():
    training = training_of(TrainingSpecification(epochs=60, optimizer=Lbfgs()), LINEAR)
    training.run()
    solution = np.linalg.lstsq(np.c_[X[:40], np.ones(40)], Y[:40], rcond=None)[0][:, 0]
    assert training.network.parameters == pytest.approx(solution, abs=1e-6)


def test_l2_gives_the_ridge_solution():
    """The gradient of mean square and ½ λ w² is 0 where (XᵀX · 2/n + λ I₀) θ = XᵀY · 2/n, the bias being free."""
    training = training_of(TrainingSpecification(epochs=60, optimizer=Lbfgs()), replace(LINEAR, l2=0.3))
    training.run()
    a = np.c_[X[:40], np.ones(40)]
    solution = np.linalg.solve(a.T @ a * 2 / 40 + np.diag([0.3, 0.3, 0.3, 0]), a.T @ Y[:40] * 2 / 40)[:, 0]
    assert training.network.parameters == pytest.approx(solution, abs=1e-6)


def test_given_epochs_are_trained_in_full():
    result = validated(TrainingSpecification(epochs=33)).run()
    assert (result.stopped, result.epoch, len(result.curve)) == (None, 33, 33)


def test_early_stopping_restores_the_network_of_its_best_epoch():
    chosen = TrainingSpecification(
        epochs=500, early_stopping=EarlyStopping(patience=5), optimizer=Adam(learning_rate=0.05)
    )
    training = validated(chosen)
    result = training.run()
    validation = [record.validation_loss for record in result.curve]
    assert result.stopped == "early"
    assert result.epoch == result.best_epoch + 5
    assert result.best_epoch == 1 + int(np.argmin(validation))
    assert np.mean((training.network.forward(X[40:]) - Y[40:]) ** 2) == pytest.approx(min(validation), rel=1e-12)


def test_early_stopping_counts_only_changes_that_are_large_enough():
    chosen = TrainingSpecification(epochs=50, early_stopping=EarlyStopping(patience=3, minimum_change=1e9))
    assert validated(chosen).run().epoch == 4


def test_early_stopping_is_on_by_default_only_where_epochs_are_left_out():
    assert validated(TrainingSpecification(optimizer=Sgd(learning_rate=0.5))).run().stopped == "early"
    assert validated(TrainingSpecification(optimizer=Sgd(learning_rate=0.5), epochs=40)).run().stopped is None


def test_early_stopping_on_rows_that_nobody_held_out_is_refused():
    with pytest.raises(BadRecipe) as refusal:
        training_of(TrainingSpecification(early_stopping=EarlyStopping()))
    assert refusal.value.location == ["training", "early_stopping"]


def test_a_diverging_training_says_when_and_what_to_try():
    with pytest.raises(Diverged, match=r"loss became NaN at epoch \d+; try a lower learning_rate"):
        training_of(TrainingSpecification(epochs=200, optimizer=Sgd(learning_rate=1e9))).run()


def test_a_last_update_that_diverges_is_no_result_either():
    chosen = TrainingSpecification(epochs=1, batch_size=40, optimizer=Sgd(learning_rate=1e39))
    training = training_of(chosen, replace(SMALL, dtype="float32"))
    with pytest.raises(Diverged):
        training.run()


def test_lbfgs_looks_no_further_once_it_has_arrived():
    looks = []
    training = training_of(TrainingSpecification(epochs=200, optimizer=Lbfgs()), LINEAR)
    check = training._epoch._evaluate
    training._epoch._evaluate = lambda watch: looks.append(1) or check(watch)
    training.run()
    assert len(looks) < 100


def test_the_time_limit_ends_with_the_best_network_so_far():
    training = training_of(TrainingSpecification(epochs=10_000, time_limit_seconds=30.0), clock=Clock(0.06))
    result = training.run()
    assert result.stopped == "time limit"
    assert 0 < result.epoch < 10_000
    assert result.best_loss == min(record.loss for record in result.curve)


def test_a_wish_to_keep_the_best_ends_the_training_with_it():
    training = validated(TrainingSpecification(epochs=10_000, optimizer=Adam(learning_rate=0.05)))
    training._clock = Clock(0.06)
    result = training.run(Asks("keep best", after_epochs=9))
    best = min(record.validation_loss for record in result.curve)
    assert (result.stopped, result.epoch) == ("on request", 9)
    assert np.mean((training.network.forward(X[40:]) - Y[40:]) ** 2) == pytest.approx(best, rel=1e-12)


def test_a_cancelled_training_raises():
    training = training_of(TrainingSpecification(epochs=10_000))
    training._clock = Clock(0.06)
    with pytest.raises(Interrupted, match="cancel"):
        training.run(Asks("cancel", after_epochs=2))


def test_a_training_that_is_handed_back_checkpoints_first_and_goes_on_as_if_nothing_had_been():
    chosen = TrainingSpecification(epochs=30)
    monitor, training = Asks("hand back", after_epochs=4), training_of(chosen)
    training._clock = Clock(0.06)
    with pytest.raises(Interrupted, match="hand back"):
        training.run(monitor)
    restored, calm = training_of(chosen), training_of(chosen)
    restored.restore(monitor.states[-1])
    assert restored.run().epoch == calm.run().epoch == 30
    assert restored.network.parameters.tobytes() == calm.network.parameters.tobytes()


def test_an_epoch_too_long_to_finish_is_handed_back_at_once():
    monitor, training = Asks("hand back"), training_of(TrainingSpecification(epochs=3, batch_size=1))
    training._clock = Clock(0.2)
    with pytest.raises(Interrupted, match="hand back"):
        training.run(monitor)
    assert (monitor.heard, monitor.states) == ([], [])


def test_the_monitor_is_asked_at_most_every_half_a_millisecond():
    class Counts(NoCallback):
        asked = 0

        def interruption(self):
            self.asked += 1

    monitor, clock = Counts(), Clock(0.0001)
    training = training_of(TrainingSpecification(epochs=50, batch_size=4))
    training._clock = clock
    training.run(monitor)
    assert 1 <= monitor.asked <= clock.now / 0.0005 + 1


def test_checkpoints_come_about_every_two_seconds_or_as_often_as_asked():
    by_time, by_epoch = Asks(), Asks()
    training = training_of(TrainingSpecification(epochs=100))
    training._clock = clock = Clock(0.01)
    training.run(by_time)
    training_of(TrainingSpecification(epochs=100, checkpoint_every=30)).run(by_epoch)
    assert 1 <= len(by_time.states) <= clock.now / 2
    assert len(by_epoch.states) == 3


def test_every_epoch_is_told_with_its_losses_rate_and_what_is_left():
    monitor = Asks()
    result = validated(TrainingSpecification(epochs=5, optimizer=Adam(learning_rate=0.01))).run(monitor)
    records, progress = zip(*monitor.heard, strict=True)
    assert list(records) == result.curve
    assert [record.epoch for record in records] == [1, 2, 3, 4, 5]
    assert {record.learning_rate for record in records} == {0.01}
    assert (progress[-1].epochs, progress[-1].eta_seconds) == (5, 0.0)
    assert all(one.rows_per_second > 0 for one in progress)


def test_the_first_loss_is_that_of_the_untrained_network_when_all_rows_are_one_batch():
    training = training_of(TrainingSpecification(epochs=1, batch_size=40))
    expected = np.mean((training.network.forward(X[:40]) - Y[:40]) ** 2)
    assert training.run().curve[0].loss == pytest.approx(expected, rel=1e-12)


def test_a_row_of_weight_two_counts_like_two_rows():
    chosen = TrainingSpecification(epochs=20, batch_size=100, optimizer=Sgd(learning_rate=0.1))
    weighted = training_of(chosen, sample_weight=np.r_[np.full(10, 2.0), np.ones(30)])
    twice = Training(
        Network.create(SMALL, 3, 1, np.random.default_rng(1)), chosen, X[np.r_[:10, :40]], Y[np.r_[:10, :40]], seed=1
    )
    weighted.run()
    twice.run()
    assert weighted.network.parameters == pytest.approx(twice.network.parameters, abs=1e-12)


def test_rows_of_weight_zero_might_as_well_not_be_there():
    chosen = TrainingSpecification(epochs=20, batch_size=100, optimizer=Sgd(learning_rate=0.1))
    weighted = training_of(chosen, sample_weight=np.r_[np.ones(30), np.zeros(10)])
    without = Training(Network.create(SMALL, 3, 1, np.random.default_rng(1)), chosen, X[:30], Y[:30], seed=1)
    weighted.run()
    without.run()
    assert weighted.network.parameters == pytest.approx(without.network.parameters, abs=1e-12)


@pytest.mark.parametrize("weight", [np.zeros(40), np.full(40, -1.0), np.full(40, np.nan)])
def test_weights_that_weigh_nothing_are_refused(weight):
    with pytest.raises(BadRecipe):
        training_of(TrainingSpecification(), sample_weight=weight)


@pytest.mark.parametrize(
    ("output", "loss"), [("linear", CrossEntropy()), ("softmax", Poisson()), ("sigmoid", CrossEntropy())]
)
def test_a_loss_that_needs_another_output_is_refused(output, loss):
    with pytest.raises(BadRecipe) as refusal:
        training_of(TrainingSpecification(loss=loss), replace(SMALL, output=output))
    assert refusal.value.location == ["training", "loss"]


@pytest.mark.parametrize(
    ("network", "training"),
    [
        (replace(SMALL, dropout=0.1), TrainingSpecification(optimizer=Lbfgs())),
        (replace(SMALL, batch_norm=True), TrainingSpecification(optimizer=Lbfgs())),
        (replace(SMALL, max_norm=1.0), TrainingSpecification(optimizer=Lbfgs())),
        (SMALL, TrainingSpecification(optimizer=Lbfgs(), gradient_clip=GradientClip(norm=1.0))),
    ],
)
def test_lbfgs_refuses_what_would_change_the_loss_between_two_looks(network, training):
    with pytest.raises(BadRecipe):
        training_of(training, network)


@pytest.mark.parametrize("loss", [Mse(), Huber(), Hinge()])
def test_lbfgs_never_goes_up(loss):
    losses = [
        one.loss for one in training_of(TrainingSpecification(epochs=40, optimizer=Lbfgs(), loss=loss)).run().curve
    ]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(losses))


def test_averaged_parameters_are_what_is_kept():
    chosen = TrainingSpecification(epochs=3, batch_size=40, optimizer=Sgd(learning_rate=0.5))
    path = []
    for epochs in (1, 2, 3):
        training = training_of(replace(chosen, epochs=epochs), LINEAR)
        training.run()
        path.append(training.network.parameters.copy())
    averaged = training_of(replace(chosen, averaged_weights=0.75), LINEAR)
    averaged.run()
    by_hand = 0.75 * (0.75 * path[0] + 0.25 * path[1]) + 0.25 * path[2]
    assert averaged.network.parameters == pytest.approx(by_hand, abs=1e-12)


def test_averaging_with_full_batches_averages_the_steps_of_lbfgs():
    path = []
    for epochs in (1, 2):
        training = training_of(TrainingSpecification(epochs=epochs, optimizer=Lbfgs()))
        training.run()
        path.append(training.network.parameters.copy())
    averaged = training_of(TrainingSpecification(epochs=2, optimizer=Lbfgs(), averaged_weights=0.75))
    averaged.run()
    assert averaged.network.parameters == pytest.approx(0.75 * path[0] + 0.25 * path[1], abs=1e-12)


def test_the_penalty_is_l1_of_the_weights_plus_half_of_their_squares_without_biases():
    network = Network.create(replace(LINEAR, l1=0.5, l2=0.2), 3, 1, np.random.default_rng(1))
    network.tensors["output.weight"][...] = [[1.0], [-2.0], [3.0]]
    network.tensors["output.bias"][...] = 7.0
    assert Penalty(network).value() == pytest.approx(0.5 * 6 + 0.1 * 14)


def test_incoming_weights_stay_within_the_max_norm():
    training = training_of(
        TrainingSpecification(epochs=30, optimizer=Sgd(learning_rate=0.5)), replace(SMALL, max_norm=0.5)
    )
    training.run()
    for name in ("hidden.0.weight", "output.weight"):
        assert np.all(np.linalg.norm(training.network.tensors[name], axis=0) <= 0.5 + 1e-12)


def test_l1_makes_weights_that_do_not_matter_vanish():
    training = training_of(
        TrainingSpecification(epochs=300, batch_size=40, optimizer=Sgd(learning_rate=0.01)), replace(LINEAR, l1=1.2)
    )
    training.run()
    weight = np.abs(training.network.tensors["output.weight"][:, 0])
    assert weight[1] > 1.0
    assert weight[2] < 0.05


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    def trained(seed: int) -> bytes:
        network = Network.create(replace(SMALL, dropout=0.3), 3, 1, np.random.default_rng(1))
        Training(network, TrainingSpecification(epochs=3), X, Y, seed=seed).run()
        return network.parameters.tobytes()

    assert trained(1) == trained(1) != trained(2)


def test_blocks_smaller_than_the_data_train_the_same_network(monkeypatch):
    def trained() -> np.ndarray:
        training = training_of(TrainingSpecification(epochs=4, batch_size=7), sample_weight=np.linspace(0.5, 1.5, 40))
        training.run()
        return training.network.parameters

    whole = trained()
    monkeypatch.setattr("models.training.batches.BLOCK_NUMBERS", 60)
    assert trained() == pytest.approx(whole, abs=1e-13)


@pytest.mark.parametrize(("shuffle", "optimizer"), [(True, Adam()), (False, Adam()), (False, Lbfgs())])
def test_a_memory_map_trains_as_an_array_does_when_it_fits_one_block(tmp_path, shuffle, optimizer):
    chosen = TrainingSpecification(epochs=4, batch_size=7, shuffle=shuffle, optimizer=optimizer)
    in_memory, mapped = (
        Training(Network.create(SMALL, 3, 1, np.random.default_rng(1)), chosen, x, Y, seed=1)
        for x in (X, memory_map(tmp_path / "x", X))
    )
    curve, same_curve = in_memory.run().curve, mapped.run().curve
    assert curve[-1].loss < curve[0].loss
    if not shuffle:  # the permutations of blocks and of rows are drawn otherwise
        assert mapped.network.parameters == pytest.approx(in_memory.network.parameters, abs=1e-13)
    assert same_curve[-1].loss < same_curve[0].loss


def test_a_memory_map_is_read_in_shuffled_blocks_and_takes_no_memory_of_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr("models.training.batches.BLOCK_NUMBERS", 1 << 14)
    x = memory_map(tmp_path / "x", np.random.default_rng(0).standard_normal((40_000, 50)))
    y = x[:, :1] - x[:, 1:2]
    network = Network.create(NetworkSpecification(hidden=(), dtype="float64"), 50, 1, np.random.default_rng(1))
    training = Training(network, TrainingSpecification(epochs=2, optimizer=Sgd(learning_rate=0.1)), x, y, seed=1)
    tracemalloc.start()
    training.run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < x.nbytes / 8
    assert network.tensors["output.weight"][:2, 0] == pytest.approx([1.0, -1.0], abs=1e-6)


def memory_map(path, array: np.ndarray) -> np.memmap:
    mapped = np.memmap(path, array.dtype, "w+", shape=array.shape)
    mapped[...] = array
    return mapped
