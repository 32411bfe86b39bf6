"""Is one network really better than another? A paired bootstrap over the rows of one evaluation set.

Both are judged on the same rows, so the rows are resampled in pairs: what makes a row hard for both cancels out.
Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 (percentile interval) and 8.
"""

from dataclasses import dataclass

import numpy as np

from models.arrays import Array
from models.data.columns import Column
from models.data.targets import Target
from models.evaluation.evaluate import predict_in_parts, read_labels
from models.evaluation.metrics import is_smaller_better
from models.evaluation.metrics.by_task import METRICS
from models.inference.trained_network import TrainedNetwork

RESAMPLES = 2000
FEWEST_RESAMPLES = 200
MOST_DRAWS = 200_000_000
CONFIDENCE = 0.95
SEED = 7


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The difference of two means (second minus first), its percentile interval, and how often it is positive."""

    difference: float
    low: float
    high: float
    positive_share: float
    resamples: int


def paired_bootstrap(first: Array, second: Array, *, resamples: int = RESAMPLES, seed: int = SEED) -> Difference:
    """The difference of the means of `second` and `first`, which hold values of the same rows, of shape (n_rows,).

    A resample whose mean difference is 0 counts half as positive. With very many rows, fewer resamples are drawn.
    """
    differences = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    n_rows = differences.size
    resamples = max(FEWEST_RESAMPLES, min(resamples, MOST_DRAWS // max(n_rows, 1)))
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    for place in range(resamples):
        means[place] = differences[rng.integers(0, n_rows, n_rows)].mean()
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Difference(
        difference=float(differences.mean()),
        low=float(low),
        high=float(high),
        positive_share=float(((means > 0) + 0.5 * (means == 0)).mean()),
        resamples=resamples,
    )


@dataclass(frozen=True)
class RowScores:
    """The labels of some rows, and what one network predicted for them, of shape (n_rows, n_outputs)."""

    target: Target
    labels: list[Column]
    predicted: Array

    @classmethod
    def of(cls, trained: TrainedNetwork, rows: dict[str, Column]) -> "RowScores":
        """Raises BadLabel and UnknownColumn as `evaluate` does."""
        labels = read_labels(trained.target, rows)
        return cls(trained.target, labels, predict_in_parts(trained, trained.inputs(rows)))

    def values_by_row(self) -> dict[str, Array]:
        """The metrics of the task that are means over the rows, for each row, of shape (n_rows,)."""
        return METRICS[self.target.task].by_row(self.target, self.labels, self.predicted)


def verdict(metric: str, difference: Difference) -> str:
    """Whether the second network is `better` or `worse`; `not clear` where the interval contains 0."""
    if difference.low <= 0 <= difference.high:
        return "not clear"
    return "better" if (difference.low > 0) != is_smaller_better(metric) else "worse"
