"""Bring a network from scikit-learn: an MLPClassifier or MLPRegressor, alone or behind a StandardScaler.

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
from network_file import Json, network_file, number_features, numbers, one_class, predict, send, several_labels
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "softmax": "softmax"}


def network_of(estimator: Any, features: Sequence[str], label: str | Sequence[str]) -> Json:
    """A fitted estimator as a network file. `label` is a list for several labels, or several numbers.

    Raises ValueError for steps that are no StandardScaler followed by an MLPClassifier or MLPRegressor.
    """
    network, shift, scale = _parts(estimator, len(features))
    layers = list(zip(network.coefs_, network.intercepts_, strict=True))
    output = ACTIVATIONS[network.out_activation_]
    activations = [ACTIVATIONS[network.activation]] * (len(layers) - 1)
    return network_file(layers, activations, output, number_features(features, shift, scale), _target(network, label))


def _parts(estimator: Any, n_features: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """The network, and what is subtracted from each feature and divided by."""
    *scalers, network = [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    if (
        not hasattr(network, "coefs_")
        or len(scalers) > 1
        or not all(isinstance(one, StandardScaler) for one in scalers)
    ):
        raise ValueError("take an MLPClassifier or MLPRegressor, fitted, with at most a StandardScaler before it")
    shift, scale = np.zeros(n_features), np.ones(n_features)
    for scaler in scalers:
        shift = shift if scaler.mean_ is None or not scaler.with_mean else scaler.mean_
        scale = scale if scaler.scale_ is None else scaler.scale_
    return network, shift, scale


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
