"""A network's errors and certainty on held-out rows, stored with it and used by `models.inference.intervals`."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from models.arrays import Array
from models.data.columns import Column
from models.data.targets import ClassTarget, NumberTarget, Target

MOST_SCORES = 200
SMALLEST_SPREAD = 1e-3
WIDEST_INPUT = 300


@dataclass(frozen=True, slots=True)
class Scores:
    """How wrong the network was on `rows` held-out rows: sorted, at most 200, with the rank of each (from 1)."""

    rows: int
    ranks: tuple[int, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.ranks) != len(self.values) or not self.ranks or list(self.ranks) != sorted(set(self.ranks)):
            raise ValueError("scores need one rising rank for each value")

    @classmethod
    def of(cls, values: Array) -> "Scores":
        """All scores where there are at most 200, else evenly spaced ones."""
        ordered = np.sort(values)
        ranks = np.unique(np.linspace(1, ordered.size, min(ordered.size, MOST_SCORES)).round().astype(np.int64))
        return cls(int(ordered.size), tuple(ranks.tolist()), tuple(ordered[ranks - 1].tolist()))

    def quantile(self, coverage: float) -> float:
        """The ⌈(n + 1) coverage⌉-th smallest score, or the next one kept; infinite where n rows are too few for it.

        A new row's score is at most this with probability ≥ coverage (Vovk et al. 2005; Lei et al. 2018, theorem 2.2).
        """
        rank = ceil((self.rows + 1) * coverage - 1e-9)
        place = int(np.searchsorted(self.ranks, rank))
        return self.values[place] if place < len(self.ranks) else float("inf")


@dataclass(frozen=True, slots=True)
class Spread:
    """The expected absolute error of a prediction: exp(x · weights + bias) for the network's inputs x."""

    weights: tuple[float, ...]
    bias: float

    def of(self, inputs: Array) -> Array:
        """The expected absolute error of each row, of shape (n_rows,), bounded away from 0."""
        exponent = np.clip(inputs @ np.array(self.weights) + self.bias, -30.0, 30.0)
        return np.asarray(np.exp(exponent) + SMALLEST_SPREAD * np.exp(self.bias))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The scores of each output of a regression, plain and by expected error; or of classes, with a temperature."""

    scores: tuple[Scores, ...]
    normalised: tuple[Scores, ...] | None = None
    spreads: tuple[Spread, ...] | None = None
    temperature: float | None = None


def calibrate(target: Target, labels: Sequence[Column], predicted: Array) -> Calibration | None:
    """The calibration from the labels of held-out rows, and the predictions for them.

    None for yes-or-no labels, and where an error is not finite.
    """
    if isinstance(target, NumberTarget):
        errors = np.abs(target.truth(labels) - predicted)
        if not np.isfinite(errors).all():
            return None
        return Calibration(tuple(Scores.of(errors[:, k]) for k in range(errors.shape[1])))
    if not isinstance(target, ClassTarget):
        return None
    truth = target.truth(labels)
    temperature = best_temperature(truth, predicted)
    scaled = tempered(predicted, temperature)
    return Calibration((Scores.of(1.0 - scaled[np.arange(truth.size), truth]),), temperature=temperature)


def calibrate_by_spread(plain: Calibration, errors: Array, inputs: Array, spreads: tuple[Spread, ...]) -> Calibration:
    """Add the scores |y − ŷ| / spread(x) of held-out rows (Lei et al. 2018, section 5.2)."""
    normalised = tuple(Scores.of(errors[:, k] / spread.of(inputs)) for k, spread in enumerate(spreads))
    return Calibration(plain.scores, normalised, spreads, plain.temperature)


def learn_spread(inputs: Array, errors: Array) -> Spread:
    """Ridge regression of log |y − ŷ| of the training rows on their inputs in standard units."""
    floor = max(float(np.mean(errors)), 1e-300) * 1e-3
    logarithm = np.log(np.maximum(errors, floor))
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0)
    standard = (inputs - mean) / np.where(deviation > 0, deviation, 1.0)
    penalty = np.eye(inputs.shape[1]) * max(1e-2 * inputs.shape[0], 1.0)
    solved = np.linalg.solve(standard.T @ standard + penalty, standard.T @ (logarithm - logarithm.mean()))
    weights = solved / np.where(deviation > 0, deviation, 1.0)
    return Spread(tuple(weights.tolist()), float(logarithm.mean() - mean @ weights))


def tempered(probabilities: Array, temperature: float) -> Array:
    """softmax(z / T) from softmax(z): p^(1/T), divided by its sum."""
    logarithm = np.log(np.maximum(probabilities, 1e-38)) / temperature
    powers: Array = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def best_temperature(truth: Array, probabilities: Array) -> float:
    """The T with the lowest log loss on these rows (Guo et al. 2017, section 4.2), between 1/12 and 12.

    The loss is convex in b = 1/T, so Newton's method finds it: with l = log p and q = softmax(b l) its slope is
    mean(Σ q l − l[true class]), and its curvature the mean variance of l under q.
    """
    logarithm = np.log(np.maximum(probabilities, 1e-38))
    true_logarithm, sharpness = logarithm[np.arange(truth.size), truth], 1.0
    for _ in range(50):
        share = tempered(probabilities, 1 / sharpness)
        mean = (share * logarithm).sum(axis=1)
        slope = float((mean - true_logarithm).mean())
        curvature = float(((share * logarithm**2).sum(axis=1) - mean**2).mean())
        step = slope / curvature if curvature > 1e-300 else np.sign(slope) * sharpness
        before, sharpness = sharpness, float(np.clip(sharpness - step, sharpness / 2, sharpness * 2))
        sharpness = min(max(sharpness, 1 / 12), 12.0)
        if abs(sharpness - before) <= 1e-9 * before:
            break
    return 1 / sharpness
