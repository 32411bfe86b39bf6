"""One training by itself: its metrics are those of scikit-learn, its weights of rows are used where they weigh."""

import numpy as np
import pytest
from sklearn import metrics as peer

from models.data.columns import infer_table, take_rows
from models.fitting.encoded_rows import EncodedRows
from models.fitting.fit import fit, prepare
from models.fitting.single import first_network, usable_weight
from models.inference.calibration import WIDEST_INPUT
from models.specification import Huber, NetworkSpecification, Recipe, TrainingSpecification

QUICK = TrainingSpecification(epochs=3)


def rows_with(weight):
    return EncodedRows(np.zeros((2, 1)), np.zeros((2, 1)), [], weight)


@pytest.mark.parametrize(
    ("weight", "expected"), [(None, None), (np.zeros(2), None), (np.array([0.0, 2.0]), [0.0, 2.0])]
)
def test_weights_of_held_out_rows_are_used_unless_all_are_0(weight, expected):
    used = usable_weight(rows_with(weight))
    assert (None if used is None else used.tolist()) == expected
    assert usable_weight(None) is None


@pytest.mark.parametrize("rows_of", ["training", "validation"])
def test_the_metrics_of_both_parts_are_those_of_scikit_learn(iris_table, rows_of):
    network = NetworkSpecification(hidden=(4,), dtype="float64")
    prepared = prepare(iris_table, Recipe(label="species", network=network, training=QUICK))
    fitted = fit(prepared)
    rows = take_rows(iris_table, getattr(prepared.split, rows_of))
    truth, probabilities = rows["species"].values.astype(str), fitted.trained.predict(rows)
    predicted = np.array(fitted.trained.classes)[probabilities.argmax(axis=1)]
    metrics = fitted.metrics[rows_of]
    assert metrics["accuracy"] == pytest.approx(peer.accuracy_score(truth, predicted))
    assert metrics["loss"] == pytest.approx(peer.log_loss(truth, probabilities), rel=1e-9)
    assert metrics["rows"] == truth.size


def test_the_loss_is_in_the_units_trained_on_and_the_other_metrics_in_raw_units():
    table = infer_table({"x": np.linspace(0, 1, 60), "y": 1000 * np.linspace(0, 1, 60) ** 2})
    training = TrainingSpecification(epochs=3, loss=Huber(delta=0.5))
    prepared = prepare(table, Recipe(label="y", training=training))
    fitted = fit(prepared)
    rows = take_rows(table, prepared.split.validation)
    errors = np.abs(fitted.trained.predict(rows)[:, 0] - rows["y"].values)
    standard = errors / fitted.trained.target.scale[0]
    expected = np.where(standard <= 0.5, standard**2 / 2, 0.5 * (standard - 0.25))
    assert fitted.metrics["validation"]["loss"] == pytest.approx(expected.mean(), rel=1e-4)
    assert fitted.metrics["validation"]["mae"] == pytest.approx(errors.mean(), rel=1e-12)


def test_a_threshold_is_chosen_for_the_second_class_on_the_held_out_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    label = np.where(x + rng.normal(size=200) > 1.5, "rare", "common")
    prepared = prepare(infer_table({"x": x, "y": label.tolist()}), Recipe(label="y", threshold="f1", training=QUICK))
    trained = fit(prepared).trained
    rows = take_rows(prepared.table, prepared.split.validation)
    truth, probability = rows["y"].values == "rare", trained.predict(rows)[:, 1]
    best = max(peer.f1_score(truth, probability >= place) for place in np.unique(probability))
    assert peer.f1_score(truth, probability >= trained.target.threshold) == pytest.approx(best)


@pytest.mark.parametrize(("n_features", "is_normalised"), [(WIDEST_INPUT, True), (WIDEST_INPUT + 1, False)])
def test_expected_errors_are_learned_for_up_to_300_inputs(n_features, is_normalised):
    rng = np.random.default_rng(0)
    columns = {f"x{k}": rng.normal(size=40) for k in range(n_features)} | {"y": rng.normal(size=40)}
    recipe = Recipe(label="y", network=NetworkSpecification(hidden=()), training=TrainingSpecification(epochs=1))
    calibration = fit(prepare(infer_table(columns), recipe)).trained.calibration
    assert (calibration.normalised is not None) is is_normalised
    assert len(calibration.scores) == 1


def test_the_baseline_is_the_mean_of_the_encoded_training_rows(iris_table):
    prepared = prepare(iris_table, Recipe(label="species", training=QUICK))
    trained = fit(prepared).trained
    rows = take_rows(iris_table, prepared.split.training)
    np.testing.assert_allclose(trained.baseline, trained.inputs(rows).mean(axis=0), atol=1e-6)


def test_the_first_network_follows_from_the_seed(iris_table):
    def parameters(seed):
        recipe = Recipe(label="species", training=TrainingSpecification(epochs=1, seed=seed))
        return first_network(prepare(iris_table, recipe)).parameters.tobytes()

    assert parameters(1) == parameters(1) != parameters(2)
