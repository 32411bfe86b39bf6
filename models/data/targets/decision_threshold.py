"""From probabilities to decisions: the likeliest class, the second of two by a threshold, or yes or no for a label."""

import numpy as np
from numpy.typing import NDArray

from models.arrays import Array


def decide(probabilities: Array, threshold: float | None = None) -> NDArray[np.intp]:
    """The index of each row's class, shape (n_rows,), from probabilities (n_rows, n_classes)."""
    if threshold is None:
        return np.asarray(probabilities.argmax(axis=1))
    return np.asarray(probabilities[:, 1] >= threshold, np.intp)


def decide_labels(probabilities: Array) -> NDArray[np.bool_]:
    """Yes or no for each label: yes where its probability is at least a half."""
    return np.asarray(probabilities >= 0.5)


def best_threshold(is_second: Array, probability: Array, metric: str) -> float:
    """The threshold with the best metric; of equally good ones, the nearest to a half.

    `is_second` and the second class's `probability` are of shape (n_rows,). `metric` is `f1`, 2 TP / (2 TP + FP + FN)
    of the second class (van Rijsbergen 1979), or `balanced_accuracy`, the mean of both classes' recalls. Candidates are
    a half, and the midpoints of neighbouring probabilities.
    """
    order = np.argsort(-probability, kind="stable")
    ordered, hits = probability[order], np.cumsum(is_second[order])
    # A candidate lies after the last of equal probabilities; two more are above them all, and a half.
    last = np.flatnonzero(np.append(np.diff(ordered) < 0, True))
    above, below = ordered[last], np.append(ordered[1:], 0.0)[last]
    candidates = np.concatenate([(above + below) / 2, [(1 + ordered[0]) / 2, 0.5]])
    n_predicted = np.concatenate([last + 1, [0, np.sum(ordered >= 0.5)]])
    n_hits = np.concatenate([hits[last], [0, np.sum(is_second & (probability >= 0.5))]])
    score = _scores(metric, n_hits, n_predicted - n_hits, int(is_second.sum()), ordered.size)
    usable = (candidates < 1) & (candidates > np.concatenate([below, [ordered[0], 0.0]]))
    best = np.flatnonzero(usable & (score >= score[usable].max() - 1e-12))
    return float(candidates[best[np.argmin(np.abs(candidates[best] - 0.5))]])


def _scores(metric: str, hits: Array, false_alarms: Array, n_second: int, n_rows: int) -> Array:
    if metric == "f1":
        return np.asarray(2 * hits / np.maximum(hits + false_alarms + n_second, 1))
    n_first = n_rows - n_second
    recall_of_second, recall_of_first = hits / max(n_second, 1), 1 - false_alarms / max(n_first, 1)
    return np.asarray((recall_of_second + recall_of_first) / 2)
