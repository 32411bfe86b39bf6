"""Contributions sum to the prediction from the stored baseline, and are what the definitions say."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.columns import infer_table, take_rows
from models.evaluation.permutation_importance import permutation_importance
from models.fitting.fit import fit, prepare
from models.inference.explanations import explain, feature_columns, integrated_gradients, shapley_values, shared
from models.network.input_gradients import in_float64, logit_gradient
from models.network.network import Network
from models.specification import ACTIVATION_NAMES, NetworkSpecification, Poisson, Recipe, TrainingSpecification
from tests.support.training.tables import FEATURES

METHODS = ["shapley", "integrated gradients"]


def network_of(seed, n_inputs, n_outputs, **specification):
    chosen = NetworkSpecification(**({"hidden": (7, 5), "dtype": "float64"} | specification))
    return Network.create(chosen, n_inputs, n_outputs, np.random.default_rng(seed))


def each_by_itself(n_inputs):
    return [slice(k, k + 1) for k in range(n_inputs)]


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("norm", [{}, {"batch_norm": True}, {"layer_norm": True}])
def test_the_slope_of_a_logit_is_that_of_finite_differences(activation, norm):
    network = network_of(3, 4, 2, activation=activation, **norm)
    x, step = np.random.default_rng(0).normal(size=(6, 4)), 1e-6
    for output in range(2):
        for k in range(4):
            shift = step * (np.arange(4) == k)
            expected = (network.logits(x + shift) - network.logits(x - shift))[:, output] / (2 * step)
            np.testing.assert_allclose(logit_gradient(network, x, output)[:, k], expected, rtol=1e-5, atol=1e-8)


@given(seed=st.integers(0, 2**32), n_inputs=st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_shapley_values_are_the_mean_over_all_orders_of_joining(seed, n_inputs):
    network, rng = network_of(seed, n_inputs, 2), np.random.default_rng(seed)
    x, baseline = rng.normal(size=(2, n_inputs))
    expected = np.zeros((2, n_inputs))
    orders = list(permutations(range(n_inputs)))
    for order in orders:
        row = baseline.copy()
        for k in order:
            before = network.logits(row[None])[0]
            row[k] = x[k]
            expected[:, k] += (network.logits(row[None])[0] - before) / len(orders)
    found = shapley_values(network, x, baseline, each_by_itself(n_inputs))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", [shapley_values, integrated_gradients])
def test_a_linear_network_is_explained_by_its_weights(method):
    network = network_of(0, 5, 3, hidden=())
    x, baseline = np.random.default_rng(1).normal(size=(2, 5))
    expected = network.tensors["output.weight"].T * (x - baseline)
    np.testing.assert_allclose(method(network, x, baseline, each_by_itself(5)), expected, rtol=1e-9, atol=1e-12)


def test_integrated_gradients_of_a_smooth_network_are_the_integral():
    network = network_of(2, 3, 1, activation="tanh")
    x, baseline = np.random.default_rng(1).normal(size=(2, 3))
    way = (np.arange(20_000)[:, None] + 0.5) / 20_000
    expected = (x - baseline) * logit_gradient(network, baseline + way * (x - baseline), 0).mean(axis=0)
    found = integrated_gradients(network, x, baseline, each_by_itself(3))[0]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def slopes_by_differences(network, points, output):
    """∂F/∂x at each point by central differences, of the shape of `points`."""
    step = 1e-6
    shifts = step * np.eye(points.shape[1])
    return np.column_stack(
        [(network.logits(points + one) - network.logits(points - one))[:, output] / (2 * step) for one in shifts]
    )


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "specification",
    [
        {"layer_norm": True, "hidden": (16, 8)},
        {"layer_norm": True, "hidden": (16, 8), "activation": "tanh"},
        {"layer_norm": True, "hidden": (16, 16, 16)},
        {"batch_norm": True, "hidden": (16, 8)},
        {"hidden": (16, 8)},
    ],
    ids=repr,
)
def test_integrated_gradients_are_within_one_percent_of_the_largest_contribution(specification, seed):
    network, rng = network_of(seed, 10, 2, **specification), np.random.default_rng(seed)
    network.parameters *= 2.0
    x, baseline = rng.normal(size=10) * 2, rng.normal(size=10) * 0.1
    points = baseline + (np.arange(3_000)[:, None] + 0.5) / 3_000 * (x - baseline)
    found = integrated_gradients(network, x, baseline, each_by_itself(10))
    for output in range(2):
        expected = (x - baseline) * slopes_by_differences(network, points, output).mean(axis=0)
        assert np.abs(found[output] - expected).max() <= 0.01 * np.abs(expected).max()


def test_a_row_that_is_the_baseline_has_no_contributions():
    x = np.random.default_rng(0).normal(size=5)
    found = integrated_gradients(network_of(0, 5, 2, layer_norm=True), x, x.copy(), each_by_itself(5))
    np.testing.assert_array_equal(found, np.zeros((2, 5)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("label", ["bought", "size", "amount", ("amount", "income"), ("bought", "old")])
def test_contributions_sum_to_what_was_predicted(mixed_table, label, method):
    names = tuple(name for name in FEATURES if name not in label)
    trained = fit(
        prepare(mixed_table, Recipe(label=label, features=names, training=TrainingSpecification(epochs=8)))
    ).trained
    rows = take_rows(mixed_table, np.arange(10))
    told = explain(trained, rows, method)
    assert told.contributions.shape == (10, trained.network.n_outputs, len(names))
    np.testing.assert_allclose(told.baseline + told.contributions.sum(axis=2), told.values, rtol=1e-9, atol=1e-6)
    if trained.task == "regression":
        assert told.unit == "raw value"
        np.testing.assert_allclose(told.values, trained.predict(rows), rtol=1e-12)
    else:
        np.testing.assert_array_equal(told.values, trained.logits(rows).astype(np.float64))


def test_counts_are_explained_by_their_logarithm(mixed_table):
    recipe = Recipe(
        label="age_in_years",
        features=("income",),
        task="regression",
        training=TrainingSpecification(loss=Poisson(), epochs=3),
    )
    trained = fit(prepare(mixed_table, recipe)).trained
    told = explain(trained, take_rows(mixed_table, np.arange(4)))
    assert told.unit == "logit"
    np.testing.assert_allclose(np.exp(told.values), trained.predict(take_rows(mixed_table, np.arange(4))), rtol=1e-5)


def test_a_feature_that_the_label_does_not_depend_on_adds_little():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    table = infer_table({"used": x[:, 0], "unused": x[:, 1], "y": 3 * x[:, 0]})
    trained = fit(prepare(table, Recipe(label="y"))).trained
    told = explain(trained, {"used": [2.0], "unused": [2.0]})
    assert told.contributions[0, 0, 0] == pytest.approx(6.0, abs=0.5)
    assert abs(told.contributions[0, 0, 1]) < 0.5
    importance = {one.feature: one.mean for one in permutation_importance(trained, table)}
    # Shuffling a feature that explains all leaves R² near 1 - 2 = -1: a loss of about 2.
    assert importance["used"] == pytest.approx(2.0, abs=0.4)
    assert abs(importance["unused"]) < 0.05


def test_the_columns_of_a_category_are_told_as_one_feature(mixed_table):
    recipe = Recipe(label="amount", features=FEATURES, training=TrainingSpecification(epochs=1))
    trained = fit(prepare(mixed_table, recipe)).trained
    columns = feature_columns(trained)
    assert [one.stop - one.start for one in columns] == [2, 1, 2, 4, 8]
    assert columns[-1].stop == trained.preprocessing.n_inputs


def test_many_features_are_explained_by_integrated_gradients():
    rng = np.random.default_rng(0)
    raw = {f"x{k}": rng.normal(size=60) for k in range(12)} | {"y": rng.normal(size=60)}
    trained = fit(prepare(infer_table(raw), Recipe(label="y", training=TrainingSpecification(epochs=2)))).trained
    assert explain(trained, {name: values[:2] for name, values in raw.items()}).method == "integrated gradients"


def test_a_network_in_float64_is_the_same_network(mixed_table):
    trained = fit(prepare(mixed_table, Recipe(label="size", features=FEATURES))).trained
    inputs = trained.inputs(mixed_table)
    np.testing.assert_allclose(
        in_float64(trained.network).logits(inputs), trained.network.logits(inputs), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(("n_features", "method"), [(8, "shapley"), (9, "integrated gradients")])
def test_up_to_eight_features_are_explained_exactly(n_features, method):
    rng = np.random.default_rng(0)
    raw = {f"x{k}": rng.normal(size=60) for k in range(n_features)} | {"y": rng.normal(size=60)}
    trained = fit(prepare(infer_table(raw), Recipe(label="y", training=TrainingSpecification(epochs=1)))).trained
    assert explain(trained, {name: values[:1] for name, values in raw.items()}).method == method


def test_a_rest_is_shared_in_proportion_and_evenly_where_there_is_none():
    rest, contributions = np.array([8.0, 6.0]), np.array([[1.0, -3.0], [0.0, 0.0]])
    np.testing.assert_allclose(shared(rest, contributions), [[2.0, 6.0], [3.0, 3.0]])
