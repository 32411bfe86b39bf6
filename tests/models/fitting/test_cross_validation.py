"""Folds judge every row once, know nothing of it before, and may be interrupted anywhere."""

from contextlib import suppress

import numpy as np
import pytest

from models.errors import BadCheckpoint, Interrupted
from models.fitting.cross_validation import FoldResult, each_training, last_training, pack, unpack
from models.fitting.fit import fit, prepare
from models.preparation.prepare import learn_from
from models.specification import (
    EarlyStopping,
    NetworkSpecification,
    Recipe,
    TrainingSpecification,
    ValidationSpecification,
)
from models.training.callbacks import NoCallback

SMALL = NetworkSpecification(hidden=(8,))


class HandsBackOnce(NoCallback):
    """Keeps the checkpoint of one epoch and then leaves."""

    def __init__(self, after):
        self.after, self.state = after, None

    def checkpoint(self, state):
        self.after -= 1
        if self.state is None and self.after == 0:
            self.state = state

    def interruption(self):
        return "cancel" if self.state is not None else None


@pytest.mark.parametrize("validation", [ValidationSpecification(), ValidationSpecification(folds=3)])
@pytest.mark.parametrize("after", [3, 13, 21])
def test_a_training_taken_up_again_ends_with_the_same_bits(iris_table, validation, after):
    training = TrainingSpecification(epochs=10, checkpoint_every=1, shuffle=True)
    recipe = Recipe(label="species", network=SMALL, training=training, validation=validation)
    calm = fit(prepare(iris_table, recipe))
    monitor = HandsBackOnce(after)
    with suppress(Interrupted):
        fit(prepare(iris_table, recipe), monitor)
    if monitor.state is not None:
        rough = fit(prepare(iris_table, recipe), state=monitor.state)
        assert rough.trained.network.parameters.tobytes() == calm.trained.network.parameters.tobytes()
        assert rough.metrics == calm.metrics
    assert (monitor.state is not None) == (after <= (10 if validation.folds is None else 40))


class KeepsBest(NoCallback):
    """Asks for the best network so far, at once."""

    def interruption(self):
        return "keep best"


def test_asked_for_the_best_so_far_folds_give_the_network_of_the_fold_that_runs(iris_table):
    recipe = Recipe(label="species", network=SMALL, validation=ValidationSpecification(folds=3))
    fitted = fit(prepare(iris_table, recipe), KeepsBest())
    assert fitted.stopped == "on request"
    assert fitted.metrics["validation"]["rows"] == 50
    assert fitted.trained.predict(iris_table).shape == (150, 3)


def test_folds_judge_every_row_once_and_the_network_learns_from_all(iris_table):
    recipe = Recipe(label="species", validation=ValidationSpecification(folds=5))
    fitted = fit(prepare(iris_table, recipe))
    assert fitted.metrics["validation"]["rows"] == 150
    assert fitted.metrics["training"]["rows"] == 150
    assert fitted.metrics["validation"]["accuracy"] >= 0.93
    folds = fitted.metrics["validation"]["folds"]
    assert [fold["rows"] for fold in folds] == [30] * 5
    assert fitted.metrics["validation"]["accuracy"] == pytest.approx(np.mean([fold["accuracy"] for fold in folds]))
    assert fitted.metrics["validation"]["loss"] == pytest.approx(np.mean([fold["loss"] for fold in folds]))


def test_a_time_limit_is_shared_among_the_folds(iris_table):
    recipe = Recipe(
        label="species",
        training=TrainingSpecification(epochs=100_000, time_limit_seconds=0.8),
        validation=ValidationSpecification(folds=3),
    )
    prepared = prepare(iris_table, recipe)
    assert each_training(prepared).time_limit_seconds == 0.2
    assert fit(prepared).stopped == "time limit"


def test_a_fold_knows_nothing_of_its_held_out_rows(mixed_table):
    prepared = prepare(
        mixed_table, Recipe(label="amount", features=("income",), validation=ValidationSpecification(folds=4))
    )
    fold = learn_from(prepared, prepared.folds[0])
    rows = mixed_table["income"].values[prepared.folds[0].training]
    assert fold.preprocessing.encoders[0].shift == rows.mean()
    assert fold.target.shift == (mixed_table["amount"].values[prepared.folds[0].training].mean(),)


class Listens(NoCallback):
    """Keeps the epochs that it hears of."""

    def __init__(self):
        self.epochs = []

    def on_epoch_end(self, record, progress):
        self.epochs.append(record.epoch)


def test_the_curve_and_what_is_heard_are_those_of_the_last_network_alone(iris_table):
    callback, training = Listens(), TrainingSpecification(epochs=4)
    recipe = Recipe(label="species", network=SMALL, training=training, validation=ValidationSpecification(folds=3))
    fitted = fit(prepare(iris_table, recipe), callback)
    assert callback.epochs == [1, 2, 3, 4] == [record.epoch for record in fitted.curve]


@pytest.mark.parametrize(("best_epochs", "epochs"), [([3, 9, 4], 4), ([3, 9], 3), ([5], 5)])
def test_the_last_training_takes_the_lower_median_of_the_folds_best_epochs(best_epochs, epochs):
    stopped = TrainingSpecification(epochs=100, early_stopping=EarlyStopping(patience=2))
    last = last_training(stopped, best_epochs)
    assert (last.epochs, last.early_stopping) == (epochs, False)


@pytest.mark.parametrize("early_stopping", [False, EarlyStopping(metric="loss")])
def test_folds_that_ran_to_their_end_do_not_shorten_the_last_training(early_stopping):
    training = TrainingSpecification(epochs=100, early_stopping=early_stopping)
    assert last_training(training, [3, 4]) == training


def test_results_of_folds_come_back_with_the_state_behind_them():
    results = [FoldResult({"loss": 0.5}, 3, [[0.25, 0.75]]), FoldResult({"loss": None}, 1, [])]
    assert unpack(pack(results, b"state")) == (results, b"state")
    assert unpack(pack([], b"")) == ([], b"")


@pytest.mark.parametrize(
    "state", [b"", b"\x02" + b"\0" * 7 + b"{", b"\x03" + b"\0" * 7 + b"[1]", b"\x04" + b"\0" * 7 + b"[{}]"]
)
def test_a_state_without_folds_is_rejected(state):
    with pytest.raises(BadCheckpoint, match="training with folds"):
        unpack(state)


def test_the_pooled_loss_weighs_each_fold_by_its_rows(iris_table):
    recipe = Recipe(
        label="species",
        network=SMALL,
        training=TrainingSpecification(epochs=2),
        validation=ValidationSpecification(folds=4),
    )
    fitted = fit(prepare(iris_table, recipe))
    validation = fitted.metrics["validation"]
    sizes = [fold["rows"] for fold in validation["folds"]]
    assert sorted(sizes) == [37, 37, 38, 38]
    assert validation["loss"] == pytest.approx(
        np.average([fold["loss"] for fold in validation["folds"]], weights=sizes)
    )
