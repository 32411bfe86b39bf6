"""Intervals hold the truth, and sets the true class, as often as promised on rows that nothing was learnt from."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from models.data.columns import infer_table, take_rows
from models.errors import BadRecipe
from models.fitting.fit import fit, prepare
from models.formats import safetensors as stored
from models.inference.calibration import Scores, best_temperature, learn_spread, tempered
from models.inference.intervals import (
    calibrated_probabilities,
    normalised_intervals,
    prediction_intervals,
    prediction_sets,
)
from models.specification import NetworkSpecification, Recipe, TrainingSpecification, ValidationSpecification

SMALL = NetworkSpecification(hidden=(16,))


def uneven_noise(n_rows, seed):
    """y = sin 3x with noise that grows from 0.05 to 1 along x."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, n_rows)
    return infer_table({"x": x, "y": np.sin(3 * x) + rng.normal(size=n_rows) * (0.05 + 0.95 * x)})


def three_clouds(n_rows, seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, n_rows)
    x = rng.normal(size=(n_rows, 2)) + 1.5 * np.array([[0, 0], [1, 0], [0, 1]])[label]
    return infer_table({"a": x[:, 0], "b": x[:, 1], "y": [["red", "green", "blue"][k] for k in label]})


@pytest.fixture(scope="module")
def regression():
    return fit(prepare(uneven_noise(1500, 0), Recipe(label="y", network=SMALL))).trained


@pytest.fixture(scope="module")
def classification():
    return fit(prepare(three_clouds(1500, 0), Recipe(label="y", network=SMALL))).trained


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("intervals", [prediction_intervals, normalised_intervals])
def test_intervals_hold_the_truth_as_often_as_promised(regression, intervals, coverage):
    fresh = uneven_noise(6000, 1)
    low, high = intervals(regression, fresh, coverage)
    held = np.mean((low[:, 0] <= fresh["y"].values) & (fresh["y"].values <= high[:, 0]))
    # With 300 held-out rows the coverage of one calibration varies by about sqrt(p (1 - p) / 300).
    assert abs(held - coverage) < 4 * np.sqrt(coverage * (1 - coverage) / 300)


def test_normalised_intervals_are_narrow_where_the_noise_is(regression):
    low, high = normalised_intervals(regression, {"x": [0.05, 0.95]}, 0.9)
    width = (high - low)[:, 0]
    assert width[1] > 3 * width[0]
    low, high = prediction_intervals(regression, {"x": [0.05, 0.95]}, 0.9)
    np.testing.assert_allclose(*(high - low)[:, 0])


def counts(n_rows, seed):
    """Few events where x is small: an interval of one width around every prediction would begin below 0."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 3, n_rows)
    return infer_table({"x": x, "y": rng.poisson(np.exp(x)).astype(float)})


def proportions(n_rows, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-3, 3, n_rows)
    return infer_table({"x": x, "y": 1 / (1 + np.exp(-3 * x - rng.normal(size=n_rows)))})


@pytest.mark.parametrize("intervals", [prediction_intervals, normalised_intervals])
@pytest.mark.parametrize(
    ("rows", "choices", "most"),
    [
        (counts, {"training": {"loss": "poisson"}}, np.inf),
        (counts, {"training": {"loss": "poisson"}, "network": {"output": "linear"}}, np.inf),
        (counts, {"network": {"output": "exponential"}, "training": {"loss": "mse"}}, np.inf),
        (proportions, {"network": {"output": "sigmoid"}}, 1.0),
    ],
    ids=["poisson", "poisson of a logarithm", "exponential", "sigmoid"],
)
@pytest.mark.parametrize("coverage", [0.9, 0.9999])
def test_intervals_leave_out_what_the_output_cannot_be_and_hold_the_truth_as_before(
    rows, choices, most, intervals, coverage
):
    recipe = Recipe.from_json(
        {"label": "y", "task": "regression"} | choices | {"training": choices.get("training", {}) | {"epochs": 20}}
    )
    trained = fit(prepare(rows(600, 0), recipe)).trained
    fresh = rows(2000, 1)
    low, high = intervals(trained, fresh, coverage)
    assert low.min() == 0
    assert high.max() <= most
    held = np.mean((low[:, 0] <= fresh["y"].values) & (fresh["y"].values <= high[:, 0]))
    assert held > coverage - 4 * np.sqrt(coverage * (1 - coverage) / 120)


@pytest.mark.parametrize("coverage", [0.7, 0.9, 0.97])
def test_sets_hold_the_true_class_as_often_as_promised(classification, coverage):
    fresh = three_clouds(6000, 1)
    sets = prediction_sets(classification, fresh, coverage)
    truth = classification.target.indices(fresh["y"])
    held = np.mean(sets[np.arange(truth.size), truth])
    # The likeliest class always belongs to its set, so that a small promise may be overfulfilled.
    accuracy = np.mean(classification.predict(fresh).argmax(axis=1) == truth)
    assert held > coverage - 4 * np.sqrt(coverage * (1 - coverage) / 300)
    assert held < max(coverage, accuracy) + 4 * np.sqrt(coverage * (1 - coverage) / 300)
    assert sets.any(axis=1).all()


def test_the_mean_coverage_over_many_calibrations_is_the_promised_one():
    # Scores are exchangeable whatever the network is: P(new score <= quantile) = ceil((n + 1) c) / (n + 1) exactly.
    rng = np.random.default_rng(0)
    held = [rng.exponential() <= Scores.of(rng.exponential(size=19)).quantile(0.9) for _ in range(20_000)]
    assert np.mean(held) == pytest.approx(18 / 20, abs=0.01)


def test_the_quantile_is_the_hand_counted_score():
    scores = Scores.of(np.arange(1.0, 10.0))  # n = 9: the ceil(10 c)-th smallest
    assert [scores.quantile(c) for c in (0.1, 0.5, 0.55, 0.9)] == [1, 5, 6, 9]
    assert scores.quantile(0.91) == np.inf


def test_many_scores_are_thinned_to_the_safe_side():
    values = np.sort(np.random.default_rng(0).random(5000))
    scores = Scores.of(values)
    assert len(scores.values) == 200
    for coverage in (0.5, 0.9, 0.99):
        exact = values[int(np.ceil(5001 * coverage)) - 1]
        assert exact <= scores.quantile(coverage) <= exact + 0.01


def test_too_few_rows_promise_nothing_rather_than_too_much():
    trained = fit(prepare(uneven_noise(40, 0), Recipe(label="y", network=SMALL))).trained
    low, high = prediction_intervals(trained, {"x": [0.5]}, 0.99)
    assert (low[0, 0], high[0, 0]) == (-np.inf, np.inf)


def test_the_temperature_is_the_one_that_scipy_finds():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400, 3)) * 4
    probabilities = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    softer = np.exp(z / 3) / np.exp(z / 3).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(3, p=row) for row in softer])

    def loss(log_temperature):
        logits = z / np.exp(log_temperature)
        return -np.mean((logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))[np.arange(400), truth])

    expected = np.exp(minimize_scalar(loss, bounds=(-2.5, 2.5), method="bounded", options={"xatol": 1e-9}).x)
    assert best_temperature(truth, probabilities) == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(tempered(probabilities, 3.0), softer, rtol=1e-9)


@pytest.mark.parametrize("right", [True, False])
def test_the_temperature_of_rows_that_are_all_right_or_all_wrong_is_bounded(right):
    probabilities = np.array([[0.9, 0.1]] * 5)
    truth = np.zeros(5, dtype=int) if right else np.ones(5, dtype=int)
    assert best_temperature(truth, probabilities) == pytest.approx(1 / 12 if right else 12)


def test_temperature_scaling_changes_no_label_and_lowers_no_honesty(classification):
    fresh = three_clouds(3000, 2)
    before, after = classification.predict(fresh), calibrated_probabilities(classification, fresh)
    np.testing.assert_array_equal(before.argmax(axis=1), after.argmax(axis=1))
    np.testing.assert_allclose(after.sum(axis=1), 1.0, rtol=1e-12)


def test_the_expected_error_follows_the_inputs():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5000, 2))
    spread = learn_spread(x, np.exp(0.5 * x[:, 0] - 1) * np.abs(rng.normal(size=5000)))
    np.testing.assert_allclose(spread.weights, [0.5, 0.0], atol=0.05)


def test_a_stored_network_promises_the_same(regression):
    again = stored.loads(stored.dumps(regression))
    assert again.calibration == regression.calibration
    fresh = uneven_noise(50, 3)
    for first, second in zip(
        normalised_intervals(regression, fresh, 0.9), normalised_intervals(again, fresh, 0.9), strict=True
    ):
        assert first.tobytes() == second.tobytes()


def test_without_held_out_rows_nothing_is_promised():
    recipe = Recipe(
        label="y",
        network=SMALL,
        training=TrainingSpecification(epochs=2),
        validation=ValidationSpecification(fraction=0),
    )
    trained = fit(prepare(uneven_noise(60, 0), recipe)).trained
    assert trained.calibration is None
    with pytest.raises(BadRecipe):
        prediction_intervals(trained, {"x": [0.5]}, 0.9)


def test_folds_promise_from_all_rows():
    recipe = Recipe(
        label="y",
        network=SMALL,
        training=TrainingSpecification(epochs=20),
        validation=ValidationSpecification(folds=3),
    )
    table = uneven_noise(300, 0)
    trained = fit(prepare(table, recipe)).trained
    assert trained.calibration.scores[0].rows == 300
    low, high = prediction_intervals(trained, take_rows(table, np.arange(5)), 0.9)
    assert np.all(high > low)


@pytest.mark.parametrize("coverage", [0.0, 1.0, -1.0, 2.0])
def test_a_coverage_that_is_no_share_is_refused(regression, coverage):
    with pytest.raises(BadRecipe):
        prediction_intervals(regression, {"x": [0.5]}, coverage)


def test_each_way_to_be_sure_is_for_its_task(regression, classification):
    for use, trained in [
        (lambda trained: prediction_intervals(trained, {"a": [0.0], "b": [0.0]}, 0.9), classification),
        (lambda trained: normalised_intervals(trained, {"a": [0.0], "b": [0.0]}, 0.9), classification),
        (lambda trained: prediction_sets(trained, {"x": [0.5]}, 0.9), regression),
        (lambda trained: calibrated_probabilities(trained, {"x": [0.5]}), regression),
    ]:
        with pytest.raises(BadRecipe) as error:
            use(trained)
        assert error.value.location == []


def test_a_coverage_is_reported_as_the_place_of_its_fault(classification):
    for coverage in (0.0, 1.0):
        with pytest.raises(BadRecipe) as error:
            prediction_sets(classification, {"a": [0.0], "b": [0.0]}, coverage)
        assert error.value.location == ["coverage"]


def test_an_interval_reaches_the_quantile_of_the_errors_to_both_sides(regression):
    low, high = prediction_intervals(regression, {"x": [0.3]}, 0.8)
    width = regression.calibration.scores[0].quantile(0.8)
    predicted = regression.predict({"x": [0.3]})
    np.testing.assert_allclose([low, high], [predicted - width, predicted + width])
