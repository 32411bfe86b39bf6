"""Bring a network from scikit-learn: an MLPClassifier or MLPRegressor, alone or behind scalers and encoders.

    python examples/from_scikit_learn.py http://127.0.0.1:8000

trains one on the iris data, imports it as `iris-scikit-learn`, and compares what both predict. For one of your own:

    from from_scikit_learn import network_of
    send(network_of(pipeline, ["age", "income"], "bought"), "customers")
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from network_file import (
    Json,
    category_feature,
    network_file,
    number_features,
    numbers,
    one_class,
    predict,
    send,
    several_labels,
)
from scikit_learn_steps import Input, through
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
ACTIVATIONS |= {"softmax": "softmax", "exp": "exponential"}


def network_of(estimator: Any, features: Sequence[str], label: str | Sequence[str]) -> Json:
    """A fitted estimator as a network file. `features` are the names of the columns that it was fitted on, in order.

    `label` is a list for several labels, or several numbers. Raises ValueError for a step that cannot be imported.
    """
    *steps, (name, network) = estimator.steps if isinstance(estimator, Pipeline) else [("", estimator)]
    if not hasattr(network, "coefs_"):
        what = f"step {name!r}" if name else "the estimator"
        raise ValueError(f"{what} must be a fitted MLPClassifier or MLPRegressor, not {type(network).__name__}")
    if len(features) != estimator.n_features_in_:
        raise ValueError(f"the estimator was fitted on {estimator.n_features_in_} columns; name as many features")
    inputs = through(Pipeline(steps) if steps else None, [Input(k) for k in range(len(features))], "")
    described, first = _first_layer(inputs, features, network.coefs_[0], network.intercepts_[0])
    layers = [first, *zip(network.coefs_[1:], network.intercepts_[1:], strict=True)]
    output = ACTIVATIONS[network.out_activation_]
    activations = [ACTIVATIONS[network.activation]] * (len(layers) - 1)
    return network_file(layers, activations, output, described, _target(network, label))


Own = list[tuple[Input, np.ndarray]]  # the inputs of one column, each with its weights, of shape (n_outputs,)


def _first_layer(
    inputs: Sequence[Input], names: Sequence[str], weight: np.ndarray, bias: np.ndarray
) -> tuple[list[Json], tuple[np.ndarray, np.ndarray]]:
    """The features, and weight and bias that make of their encoding what the network's own make of `inputs`."""
    features, rows, total = [], [], bias.astype(np.float64)
    for column in sorted({one.column for one in inputs}):
        own = [(one, weight[k]) for k, one in enumerate(inputs) if one.column == column]
        kinds = {one.values is None for one, _ in own}
        if len(kinds) > 1:
            raise ValueError(f"column {names[column]!r} is both a number and a category, which cannot be imported")
        feature, part, rest = _number(names[column], own) if kinds == {True} else _category(names[column], own)
        features.append(feature)
        rows += part
        total = total + rest
    return features, (np.array(rows, weight.dtype), total.astype(bias.dtype))


def _number(name: str, own: Own) -> tuple[Json, list[np.ndarray], np.ndarray]:
    """Scaled as its first input is, z = (x − a) / b; another one, (x − c) / d, is (b / d) z + (a − c) / d."""
    first, weights = own[0][0], np.array([weight for _, weight in own])
    shares = np.array([first.scale / one.scale for one, _ in own])
    rest = np.array([(first.shift - one.shift) / one.scale for one, _ in own])
    [feature] = number_features([name], [first.shift], [first.scale])
    return feature, [shares @ weights], rest @ weights


def _category(name: str, own: Own) -> tuple[Json, list[np.ndarray], np.ndarray]:
    """A row for each level, then one for missing values where a category stands for them."""
    rows: dict[str | None, np.ndarray] = {}
    for one, weight in own:
        texts = [_as_text(value) for value, _ in one.values or ()]
        if len(set(texts)) < len(texts):
            raise ValueError(f"column {name!r} has two categories that are written alike, which cannot be imported")
        for text, (_, value) in zip(texts, one.values or (), strict=True):
            rows[text] = rows.get(text, 0.0) + value / one.scale * weight
    levels = sorted(text for text in rows if text is not None)
    missing = [rows[None]] if None in rows else []
    rest = sum((-one.shift / one.scale * weight for one, weight in own), np.zeros_like(own[0][1]))
    return category_feature(name, levels, bool(missing)), [*(rows[text] for text in levels), *missing], rest


def _as_text(value: Any) -> str | None:
    """How Feedforward reads a category that is no text: 3 and 3.0 as "3", True as "true", None and NaN as missing."""
    if value is None or value != value:
        return None
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    if isinstance(value, str):
        return str(value)
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _target(network: Any, label: str | Sequence[str]) -> tuple[Json, list[Json]]:
    names = [label] if isinstance(label, str) else list(label)
    if not isinstance(network, MLPClassifier):
        return numbers(names)
    if network.out_activation_ == "logistic" and network.n_outputs_ > 1:
        return several_labels(names)
    return one_class(names[0], network.classes_.tolist(), ACTIVATIONS[network.out_activation_])


def main(server: str) -> None:
    data = load_iris()
    names = [name.removesuffix(" (cm)").replace(" ", "_") for name in data.feature_names]
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((16,), max_iter=300, random_state=7))
    pipeline.fit(data.data, data.target_names[data.target].astype(object))
    version = send(network_of(pipeline, names, "species"), "iris-scikit-learn", server)
    answered = predict(data.data, "iris-scikit-learn", server)
    ours = np.array([list(one["probabilities"].values()) for one in answered])
    difference = np.abs(ours - pipeline.predict_proba(data.data)).max()
    print(f"{server}{version['links']['self']}: differs from scikit-learn by at most {difference:.1e}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
