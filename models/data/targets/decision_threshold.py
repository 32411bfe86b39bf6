"""From probabilities to decisions: the likeliest class, the second of two from a threshold on, or yes for a label."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def decide(probabilities: Array, threshold: float | None = None) -> NDArray[np.intp]:
    """The index of each row's class, shape (n_rows,), from probabilities (n_rows, n_classes)."""
    if threshold is None:
        return np.asarray(probabilities.argmax(axis=1))
    return np.asarray(probabilities[:, 1] >= threshold, np.intp)


def decide_labels(probabilities: Array) -> NDArray[np.bool_]:
    """Yes or no for each label, from the probability of each: yes if it is at least as likely as no."""
    return np.asarray(probabilities >= 0.5)


def best_threshold(is_second: Array, probability: Array, metric: str) -> float:
    """The threshold with the best metric; of equally good ones, the nearest to a half.

    `is_second` and the second class's `probability` are of shape (n_rows,). `metric` is `f1`, 2 TP / (2 TP + FP + FN)
    of the second class (van Rijsbergen 1979), or `balanced_accuracy`, the mean of both classes' recalls. Places are a
    half, and half-way between neighbouring probabilities.
    """
    order = np.argsort(-probability, kind="stable")
    ordered, hits = probability[order], np.cumsum(is_second[order])
    chosen = np.arange(1, ordered.size + 1)
    # A place lies after the last of equal probabilities; two more are above them all, and a half.
    last = np.flatnonzero(np.append(np.diff(ordered) < 0, True))
    above, below = ordered[last], np.append(ordered[1:], 0.0)[last]
    places = np.concatenate([(above + below) / 2, [(1 + ordered[0]) / 2, 0.5]])
    n_chosen = np.concatenate([chosen[last], [0, np.sum(ordered >= 0.5)]])
    n_hits = np.concatenate([hits[last], [0, np.sum(is_second & (probability >= 0.5))]])
    score = _scores(metric, n_hits, n_chosen - n_hits, int(is_second.sum()), ordered.size)
    usable = (places < 1) & (places > np.concatenate([below, [ordered[0], 0.0]]))
    best = np.flatnonzero(usable & (score >= score[usable].max() - 1e-12))
    return float(places[best[np.argmin(np.abs(places[best] - 0.5))]])


def _scores(metric: str, hits: Array, false_alarms: Array, n_second: int, n_rows: int) -> Array:
    if metric == "f1":
        return np.asarray(2 * hits / np.maximum(hits + false_alarms + n_second, 1))
    n_first = n_rows - n_second
    right = (hits / max(n_second, 1), 1 - false_alarms / max(n_first, 1))
    return np.asarray((right[0] + right[1]) / 2)
