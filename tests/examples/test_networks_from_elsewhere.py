"""Networks of scikit-learn and PyTorch predict here what they predict there."""

import json
import subprocess
import sys
import uuid

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, make_classification, make_multilabel_classification, make_regression
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)

from models.data.columns import typed_column
from models.formats import network_json
from tests.support.processes import PROJECT

NAMES = ["a", "b", "c", "d"]


@pytest.fixture(autouse=True, scope="module")
def examples_on_the_path():
    sys.path.insert(0, str(PROJECT / "examples"))
    yield
    sys.path.remove(str(PROJECT / "examples"))


def loaded(network):
    """What Feedforward reads of the file."""
    return network_json.loads(json.dumps(network).encode())


def fitted(estimator, data):
    with pytest.warns(ConvergenceWarning):
        return estimator.fit(*data)


def classes(kinds, names=None):
    x, y = make_classification(120, 4, n_informative=3, n_redundant=1, n_classes=kinds, random_state=1)
    return x, y if names is None else np.array(names, dtype=object)[y]


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize(
    ("kinds", "names"), [(2, ["no", "yes"]), (3, ["low", "middle", "high"]), (2, None), (2, [False, True])]
)
def test_a_classifier_of_scikit_learn(activation, kinds, names):
    from from_scikit_learn import network_of

    x, y = classes(kinds, names)
    y = y.astype(bool) if names == [False, True] else y
    estimator = make_pipeline(StandardScaler(), MLPClassifier((6, 3), activation, max_iter=5, random_state=1))
    fitted(estimator, (x * 5 + 2, y))
    network = loaded(network_of(estimator, NAMES, "kind"))
    np.testing.assert_allclose(network.predict_matrix(x), estimator.predict_proba(x), atol=1e-6)
    assert list(network.classes) == estimator.classes_.tolist()


def test_several_labels_of_scikit_learn():
    from from_scikit_learn import network_of

    x, y = make_multilabel_classification(80, 4, n_classes=3, random_state=1)
    estimator = fitted(MLPClassifier((5,), max_iter=5, random_state=1), (x, y))
    network = loaded(network_of(estimator, NAMES, ["up", "down", "left"]))
    np.testing.assert_allclose(network.predict_matrix(x), estimator.predict_proba(x), atol=1e-6)


@pytest.mark.parametrize(("outputs", "label"), [(1, "y"), (2, ["y", "z"])])
@pytest.mark.parametrize("scaler", [StandardScaler(), StandardScaler(with_std=False), StandardScaler(with_mean=False)])
def test_a_regressor_of_scikit_learn(outputs, label, scaler):
    from from_scikit_learn import network_of

    x, y = make_regression(80, 4, n_targets=outputs, random_state=1)
    estimator = fitted(
        make_pipeline(scaler, MLPRegressor(hidden_layer_sizes=(8,), max_iter=5, random_state=1)), (x * 3 - 1, y)
    )
    network = loaded(network_of(estimator, NAMES, label))
    expected = estimator.predict(x).reshape(-1, outputs)
    np.testing.assert_allclose(network.predict_matrix(x), expected, atol=1e-6)


DIABETES = load_diabetes(scaled=False)
SEX = 1  # 1.0 and 2.0, as a category
NUMBERS = [k for k in range(10) if k != SEX]
REGRESSOR = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 1}


def columns_by_kind(*numbers, encoder=None):
    kinds = [("sex", encoder or OneHotEncoder(), [SEX])]
    return ColumnTransformer([*kinds, *numbers])


STEPS = {
    "minmax": [MinMaxScaler((-1, 1))],
    "robust": [RobustScaler()],
    "largest": [MaxAbsScaler()],
    "two scalers": [StandardScaler(), MinMaxScaler()],
    "one-hot": [columns_by_kind(("rest", StandardScaler(), NUMBERS))],
    "one-hot without its first": [
        columns_by_kind(("rest", MinMaxScaler(), NUMBERS), encoder=OneHotEncoder(drop="first"))
    ],
    "passthrough and columns left out": [columns_by_kind(("a", "passthrough", [0]), ("b", "drop", slice(2, 6)))],
    "nested": [columns_by_kind(("a", make_pipeline(RobustScaler(), MinMaxScaler()), slice(2, None))), StandardScaler()],
    "transformers in transformers": [
        columns_by_kind(("a", columns_by_kind(("b", MinMaxScaler(), [0]), encoder=StandardScaler()), NUMBERS))
    ],
    "remainder and weights": [
        ColumnTransformer(
            [("sex", OneHotEncoder(), [SEX])], remainder=StandardScaler(), transformer_weights={"sex": 3.0}
        )
    ],
    "a column twice": [columns_by_kind(("a", StandardScaler(), NUMBERS), ("b", MinMaxScaler(), [9, 0, 9]))],
    "chosen by truth": [columns_by_kind(("a", StandardScaler(), np.arange(10) > 6))],
}


def rows_of(network, table, names):
    """The columns that the network reads, each of the type that it has there."""
    places = {name: k for k, name in enumerate(names)}
    return {
        feature.name: typed_column(feature.name, feature.type, table[:, places[feature.name]].tolist())
        for feature in network.signature.features
    }


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_the_steps_before_a_network_of_scikit_learn(steps, loss):
    from from_scikit_learn import network_of

    x, y, names = DIABETES.data, DIABETES.target / 100, DIABETES.feature_names
    estimator = fitted(make_pipeline(*(clone(step) for step in steps), MLPRegressor(loss, **REGRESSOR)), (x, y))
    network = loaded(network_of(estimator, names, "progression"))
    found = network.predict(rows_of(network, x, names))[:, 0]
    np.testing.assert_allclose(found, estimator.predict(x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(),
        OneHotEncoder(drop="if_binary", sparse_output=False),
        OneHotEncoder(min_frequency=30, handle_unknown="ignore"),
        OneHotEncoder(drop="first", max_categories=3),
    ],
    ids=repr,
)
def test_categories_of_scikit_learn_are_features_by_name(encoder):
    from from_scikit_learn import network_of

    rng = np.random.default_rng(0)
    x = np.empty((200, 4), dtype=object)
    x[:, 0] = rng.choice(["red", "green", "blue", "mauve"], 200, p=[0.5, 0.3, 0.15, 0.05])
    x[:, 1] = rng.normal(1e9, 1.0, 200)
    x[:, 2] = rng.choice(["round", None], 200)
    x[:, 3] = rng.integers(0, 3, 200)
    y = np.where((x[:, 0] == "red") ^ (x[:, 3] == 1), "yes", "no")
    encoders = ColumnTransformer([("kinds", encoder, [0, 2, 3]), ("size", StandardScaler(), [1])])
    estimator = fitted(make_pipeline(encoders, MLPClassifier((5,), max_iter=5, random_state=0)), (x, y))
    network = loaded(network_of(estimator, NAMES, "kind"))
    assert [feature.type for feature in network.signature.features] == ["category", "number", "category", "category"]
    np.testing.assert_allclose(network.predict(rows_of(network, x, NAMES)), estimator.predict_proba(x), atol=1e-6)
    unseen = network.predict({"a": ["lilac"], "b": [1e9], "c": ["round"], "d": ["1"]})
    assert np.isfinite(unseen).all()


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([PCA(2)], "step 'pca' is a PCA"),
        ([make_pipeline(StandardScaler(), QuantileTransformer(n_quantiles=10))], "step 'pipeline.quantiletransformer'"),
        ([ColumnTransformer([("bends", SplineTransformer(), [0])])], "step 'columntransformer.bends'"),
        ([MinMaxScaler(clip=True)], "step 'minmaxscaler' clips"),
        ([FunctionTransformer(np.sqrt)], "step 'functiontransformer'"),
        ([StandardScaler(), OneHotEncoder(handle_unknown="ignore")], "step 'onehotencoder' encodes columns that"),
        ([OneHotEncoder(min_frequency=30, handle_unknown="infrequent_if_exist")], "handle_unknown='ignore'"),
        ([columns_by_kind(("a", StandardScaler(), [SEX]))], "'sex' is both a number and a category"),
    ],
    ids=str,
)
def test_a_step_that_cannot_be_imported_is_named(steps, message):
    from from_scikit_learn import network_of

    estimator = fitted(make_pipeline(*steps, MLPRegressor(**REGRESSOR)), (DIABETES.data, DIABETES.target))
    with pytest.raises(ValueError, match=message):
        network_of(estimator, DIABETES.feature_names, "progression")


def test_an_estimator_that_is_no_network_is_named():
    from from_scikit_learn import network_of

    x, y = classes(2)
    for estimator, message in (
        (make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y), "step 'logisticregression' must be a fitted"),
        (MLPClassifier(), "the estimator must be a fitted MLPClassifier"),
        (fitted(MLPClassifier((2,), max_iter=2), (x[:, :3], y)), "fitted on 3 columns"),
    ):
        with pytest.raises(ValueError, match=message):
            network_of(estimator, NAMES, "kind")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_script_of_scikit_learn_imports_what_it_trained(server):
    told = subprocess.run(
        [sys.executable, "examples/from_scikit_learn.py", server.url],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    address, difference = told.stdout.split(": differs from scikit-learn by at most ")
    assert server.http.get(address).json()["model"] == "iris-scikit-learn"
    assert float(difference) < 1e-6


STATE = {
    "0.weight": [[0.5, -1.0], [2.0, 0.25], [1.0, 1.0]],
    "0.bias": [0.1, -0.2, 0.0],
    "1.weight": [1.5, 0.5, 1.0],
    "1.bias": [0.0, 1.0, -1.0],
    "1.running_mean": [0.2, -0.1, 0.4],
    "1.running_var": [1.0, 4.0, 0.25],
    "1.num_batches_tracked": 3,
    "4.weight": [[1.0, -2.0, 0.5], [0.0, 1.0, 1.0]],
    "4.bias": [0.3, -0.3],
}
LAYERS = [("Linear", {}), ("BatchNorm1d", {"eps": 1e-5}), ("ReLU", {}), ("Dropout", {}), ("Linear", {})]


def in_pytorch(rows):
    """The formulas of torch.nn: x Wᵀ + b, (x − μ) / √(σ² + ε) · γ + β, max(0, x)."""
    state = {name: np.array(value) for name, value in STATE.items()}
    z = rows @ state["0.weight"].T + state["0.bias"]
    z = (z - state["1.running_mean"]) / np.sqrt(state["1.running_var"] + 1e-5) * state["1.weight"] + state["1.bias"]
    return np.maximum(z, 0) @ state["4.weight"].T + state["4.bias"]


def of_pytorch(target, layers=LAYERS, dtype=np.float64):
    from from_pytorch import network_of

    state = {name: np.array(value, dtype) for name, value in STATE.items()}
    return loaded(network_of(layers, state, ["p", "q"], target))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_sequential_of_pytorch(dtype):
    from network_file import numbers, one_class, several_labels

    rows = np.array([[0.0, 0.0], [1.0, -2.0], [-3.0, 0.5], [2.5, 4.0]])
    logits = in_pytorch(rows)
    of_numbers = of_pytorch(numbers(["y", "z"]), dtype=dtype)
    np.testing.assert_allclose(of_numbers.predict_matrix(rows), logits, rtol=1e-6, atol=1e-6)
    of_classes = of_pytorch(one_class("kind", ["a", "b"], "softmax"), dtype=dtype)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(of_classes.predict_matrix(rows), shares, atol=1e-6)
    of_labels = of_pytorch(several_labels(["up", "down"]), dtype=dtype)
    np.testing.assert_allclose(of_labels.predict_matrix(rows), 1 / (1 + np.exp(-logits)), atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ([("Linear", {}), ("GELU", {"approximate": "none"})], "GELU"),
        ([("Linear", {}), ("LeakyReLU", {"negative_slope": 0.2})], "LeakyReLU"),
        ([("Linear", {}), ("LSTM", {})], "LSTM"),
        ([("ReLU", {}), ("Linear", {})], "does not follow"),
        ([("Linear", {}), ("ReLU", {}), ("BatchNorm1d", {"eps": 1e-5})], "does not follow"),
    ],
)
def test_layers_that_are_another_function_here_are_told(layers, reason):
    from network_file import numbers

    with pytest.raises(ValueError, match=reason):
        of_pytorch(numbers(["y", "z"]), layers)


def test_a_file_that_is_sent_is_served(server):
    from from_pytorch import network_of
    from network_file import numbers, predict, send

    model = f"m-{uuid.uuid4().hex[:12]}"
    state = {name: np.array(value) for name, value in STATE.items()}
    network = network_of(LAYERS, state, ["p", "q"], numbers(["y", "z"]), shift=np.array([1.0, 0.0]), scale=[2.0, 0.5])
    assert send(network, model, server.url)["version"] == 1
    rows = np.array([[0.5, 1.0], [3.0, -1.0]])
    answered = [list(one["values"].values()) for one in predict(rows, model, server.url)]
    np.testing.assert_allclose(answered, in_pytorch((rows - [1.0, 0.0]) / [2.0, 0.5]), atol=1e-6)
