"""What each feature adds to a prediction: contributions that sum to the logit, or the raw value, from a baseline.

The baseline is the mean of the training rows, stored with the network. Few features are explained by their exact
Shapley values, many by integrated gradients.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import comb
from typing import Literal

import numpy as np

from models.arrays import Array
from models.data.columns import RawValues, Table
from models.data.targets import NumberTarget
from models.inference.trained_network import TrainedNetwork
from models.network.input_gradients import in_float64, logit_gradient
from models.network.network import Network

Method = Literal["shapley", "integrated gradients"]

MOST_SHAPLEY_FEATURES = 8
STEPS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """`baseline[k] + contributions[i, k].sum() = values[i, k]` within 1e-6, for row i and output k.

    `unit` is "raw value" for a regression with linear output, else "logit": the last layer's value before its
    activation. One sigmoid output is the logit of the second class. Contributions follow the signature's features.
    """

    unit: Literal["logit", "raw value"]
    method: Method
    baseline: Array
    values: Array
    contributions: Array


def explain(
    trained: TrainedNetwork, rows: Table | Mapping[str, RawValues], method: Method | None = None
) -> Explanation:
    """Explain each row; by default with Shapley values for at most 8 features, else with integrated gradients."""
    inputs, baseline = trained.inputs(rows), trained.baseline.astype(np.float64)
    columns, network = feature_columns(trained), in_float64(trained.network)
    method = method or ("shapley" if len(columns) <= MOST_SHAPLEY_FEATURES else "integrated gradients")
    explainer = shapley_values if method == "shapley" else integrated_gradients
    contributions = np.zeros((len(inputs), network.n_outputs, len(columns)))
    for row, x in enumerate(inputs):
        contributions[row] = explainer(network, x, baseline, columns)
    start, logits = network.logits(baseline[None])[0], trained.network.logits(inputs).astype(np.float64)
    exact = contributions + shared(logits - start - contributions.sum(axis=2), contributions)
    return _in_units_of_the_label(trained, method, start, logits, exact)


def feature_columns(trained: TrainedNetwork) -> list[slice]:
    """Which columns of the network's inputs belong to each feature."""
    ends = np.cumsum(trained.preprocessing.widths)
    return [slice(end - width, end) for end, width in zip(ends, trained.preprocessing.widths, strict=True)]


def shapley_values(network: Network, x: Array, baseline: Array, columns: Sequence[slice]) -> Array:
    """φᵢ = Σ over sets S without i of |S|! (m − |S| − 1)! / m! · (F(S ∪ i) − F(S)), shape (n_outputs, n_features).

    F(S) takes the features of S from x and the others from the baseline (Shapley 1953; Lundberg and Lee 2017).
    """
    member, weight = _coalitions(len(columns))
    is_from_x = np.repeat(member, [feature.stop - feature.start for feature in columns], axis=1)
    return np.asarray((weight @ network.logits(np.where(is_from_x, x, baseline))).T)


@cache
def _coalitions(n_features: int) -> tuple[Array, Array]:
    """Every set of features as booleans (2^m, m), and the weight of its F for each feature (m, 2^m)."""
    member = (np.arange(2**n_features)[:, None] >> np.arange(n_features)) & 1 == 1
    size = member.sum(axis=1)
    with_it = np.array([1 / (n_features * comb(n_features - 1, max(n - 1, 0))) for n in size])
    without_it = np.array([1 / (n_features * comb(n_features - 1, min(n, n_features - 1))) for n in size])
    return member, np.where(member, with_it[:, None], -without_it[:, None]).T


def integrated_gradients(network: Network, x: Array, baseline: Array, columns: Sequence[slice]) -> Array:
    """(x − x₀) ∫ ∂F/∂x along the straight line from the baseline x₀ to x, shape (n_outputs, n_features).

    (Sundararajan et al. 2017, by the midpoints of 32 steps.) The difference between a step's change of F and its
    gradient is shared among the inputs in proportion, so that the sum is exact.
    """
    positions = np.linspace(0, 1, STEPS + 1)[:, None]
    change = np.diff(network.logits(baseline + positions * (x - baseline)), axis=0)
    midpoints = baseline + (positions[:-1] + 0.5 / STEPS) * (x - baseline)
    by_step = np.stack([logit_gradient(network, midpoints, k) for k in range(network.n_outputs)], axis=1)
    by_step = by_step * (x - baseline) / STEPS
    by_input = (by_step + shared(change - by_step.sum(axis=2), by_step)).sum(axis=0)
    return np.stack([by_input[:, feature].sum(axis=1) for feature in columns], axis=1)


def shared(rest: Array, contributions: Array) -> Array:
    """`rest` (…) divided over the last axis of `contributions` (…, n) in proportion to their sizes, else evenly."""
    sizes = np.abs(contributions)
    total = sizes.sum(axis=-1, keepdims=True)
    proportion = np.full_like(sizes, 1 / contributions.shape[-1])
    np.divide(sizes, total, out=proportion, where=total > 0)
    return np.asarray(rest[..., None] * proportion)


def _in_units_of_the_label(
    trained: TrainedNetwork, method: Method, start: Array, logits: Array, contributions: Array
) -> Explanation:
    """The explanation in raw units where the output is linear, else in logits."""
    target = trained.target
    if not isinstance(target, NumberTarget) or trained.network.output_name != "linear" or target.link != "identity":
        return Explanation("logit", method, start, logits, contributions)
    scale, shift = np.array(target.scale), np.array(target.shift)
    return Explanation(
        "raw value", method, start * scale + shift, logits * scale + shift, contributions * scale[:, None]
    )
