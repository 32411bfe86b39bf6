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
STEPS, STEPS_AT_ONCE = 32, 128
SHORTEST_STEP = 1 / 8192
TOLERANCE = 0.01  # what all steps together may miss, as a share of the largest contribution
NEGLIGIBLE = 1e-9  # in logits: far less than what contributions must sum to


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

    (Sundararajan et al. 2017, by midpoints.) What a step's slope misses of its change of F is its error: a step is
    halved while its error is a part of 1 % of the largest contribution, as 32 equal steps would be too few where F
    bends sharply. What is still missed is shared among the inputs in proportion, so that the sum is exact.
    """
    pending = _equal_steps()
    limit = _largest_error(_along(network, x, baseline, pending)[0], columns)
    by_input = np.zeros((network.n_outputs, x.size))
    while len(pending):
        steps, pending = pending[:STEPS_AT_ONCE], pending[STEPS_AT_ONCE:]
        parts, missed = _along(network, x, baseline, steps)
        is_rough = (np.abs(missed) > limit).any(axis=1) & (steps[:, 1] - steps[:, 0] > SHORTEST_STEP)
        by_input += (parts + shared(missed, parts))[~is_rough].sum(axis=0)
        pending = np.concatenate([pending, _halved(steps[is_rough])])
    return _by_feature(by_input, columns)


def _equal_steps() -> Array:
    """Where each step starts and ends, as shares of the way, shape (n_steps, 2)."""
    ends = np.linspace(0, 1, STEPS + 1)
    return np.column_stack([ends[:-1], ends[1:]])


def _halved(steps: Array) -> Array:
    """Each step as two, shape (2 n_steps, 2)."""
    middle = steps.mean(axis=1)
    return np.concatenate([np.column_stack([steps[:, 0], middle]), np.column_stack([middle, steps[:, 1]])])


def _along(network: Network, x: Array, baseline: Array, steps: Array) -> tuple[Array, Array]:
    """What each input adds in each step by its slope in the middle, and what these sums miss of the change of F.

    Shapes (n_steps, n_outputs, n_inputs) and (n_steps, n_outputs).
    """
    starts, ends = (baseline + share[:, None] * (x - baseline) for share in steps.T)
    middle = (starts + ends) / 2
    slopes = np.stack([logit_gradient(network, middle, k) for k in range(network.n_outputs)], axis=1)
    parts = slopes * (ends - starts)[:, None]
    return parts, network.logits(ends) - network.logits(starts) - parts.sum(axis=2)


def _largest_error(parts: Array, columns: Sequence[slice]) -> Array:
    """How much of each output a step may miss, shape (n_outputs,), by the contributions of a first estimate."""
    largest = np.abs(_by_feature(parts.sum(axis=0), columns)).max(axis=1)
    return np.asarray(np.maximum(TOLERANCE * largest / STEPS, NEGLIGIBLE))


def _by_feature(by_input: Array, columns: Sequence[slice]) -> Array:
    """Contributions of inputs, shape (n_outputs, n_inputs), to those of features, shape (n_outputs, n_features)."""
    return np.stack([by_input[:, columns_of_feature].sum(axis=1) for columns_of_feature in columns], axis=1)


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
