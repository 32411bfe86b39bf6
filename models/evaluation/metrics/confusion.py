"""Metrics that follow from the confusion matrix: accuracy, precision, recall, F1 and their averages."""

from dataclasses import dataclass

import numpy as np

from models.arrays import Array


def confusion_matrix(truth: Array, predicted: Array, n_classes: int) -> Array:
    """Counts C of shape (n_classes, n_classes): C[i, j] rows of class i were predicted as class j."""
    pairs = truth.astype(np.int64) * n_classes + predicted.astype(np.int64)
    return np.bincount(pairs, minlength=n_classes * n_classes).reshape(n_classes, n_classes)


def accuracy(confusion: Array) -> float:
    """The share of rows on the diagonal."""
    return float(np.trace(confusion) / confusion.sum())


def balanced_accuracy(confusion: Array) -> float:
    """The mean recall of the classes that occur (Brodersen et al. 2010)."""
    support = confusion.sum(axis=1)
    occurs = support > 0
    return float(np.mean(np.diag(confusion)[occurs] / support[occurs]))


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Precision, recall, F1 and number of rows of each class, all of shape (n_classes,)."""

    precision: Array
    recall: Array
    f1: Array
    support: Array
    occurs: Array

    def macro(self, scores: Array) -> float:
        """The plain mean over the classes that occur in truth or prediction."""
        return float(np.mean(scores[self.occurs])) if self.occurs.any() else 0.0

    def weighted(self, scores: Array) -> float:
        """The mean weighted by the number of true rows of each class."""
        total = self.support.sum()
        return float(scores @ self.support / total) if total else 0.0


def class_scores(confusion: Array) -> ClassScores:
    """Scores of each class from the confusion matrix (Manning et al. 2008, section 8.3)."""
    return scores_from_counts(np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0))


def scores_from_counts(hits: Array, support: Array, predicted: Array) -> ClassScores:
    """P = hits / predicted, R = hits / support, F1 = 2 hits / (support + predicted); 0 where 0 / 0."""
    return ClassScores(
        precision=_ratio(hits, predicted),
        recall=_ratio(hits, support),
        f1=_ratio(2 * hits, support + predicted),
        support=support,
        occurs=(support + predicted) > 0,
    )


def _ratio(numerator: Array, denominator: Array) -> Array:
    quotient = np.zeros(numerator.shape, dtype=np.float64)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient
