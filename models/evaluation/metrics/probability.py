"""Metrics of predicted probabilities: ROC AUC, log loss, calibration."""

from dataclasses import dataclass

import numpy as np

from models.arrays import Array


def roc_auc(positive: Array, scores: Array) -> float | None:
    """P(score of a positive > score of a negative), ties counted half, from ranks (Hanley and McNeil 1982).

    None where one of the two classes does not occur: then it is not defined.
    """
    positive = positive.astype(bool)
    n_positive = int(positive.sum())
    n_negative = positive.size - n_positive
    if n_positive == 0 or n_negative == 0:
        return None
    wins = _mean_ranks(scores)[positive].sum() - n_positive * (n_positive + 1) / 2
    return float(wins / (n_positive * n_negative))


def _mean_ranks(scores: Array) -> Array:
    """Ranks from 1; equal scores share their mean rank."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Array = (last - (counts - 1) / 2)[inverse]
    return ranks


def macro_roc_auc(membership: Array, probabilities: Array) -> float | None:
    """The mean ROC AUC of each column against the rest; both arrays of shape (n_rows, n_classes)."""
    areas = [roc_auc(membership[:, k], probabilities[:, k]) for k in range(membership.shape[1])]
    known = [area for area in areas if area is not None]
    return float(np.mean(known)) if areas and len(known) == len(areas) else None


def log_loss(truth: Array, probabilities: Array) -> float:
    """−mean log p(true class), with p kept one rounding step away from 0 and 1."""
    of_true_class = probabilities[np.arange(truth.size), truth]
    return float(-np.mean(np.log(_inside(of_true_class))))


def binary_log_loss(truth: Array, probabilities: Array) -> float:
    """−mean (y log p + (1 − y) log(1 − p)) over all entries."""
    p = _inside(probabilities)
    return float(-np.mean(np.where(truth.astype(bool), np.log(p), np.log1p(-p))))


def _inside(probabilities: Array) -> Array:
    step = np.finfo(np.float64).eps
    return np.clip(probabilities.astype(np.float64), step, 1 - step)


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Rows whose confidence falls in one interval, their mean confidence, and how often the network was right."""

    rows: int
    confidence: float
    accuracy: float


def calibration_bins(confidence: Array, correct: Array, n_bins: int = 15) -> list[CalibrationBin]:
    """Equal intervals (m/M, (m+1)/M] of the confidence; empty ones are left out."""
    index = np.clip(np.ceil(confidence * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
    rows = np.bincount(index, minlength=n_bins)
    sure = np.bincount(index, weights=confidence, minlength=n_bins)
    right = np.bincount(index, weights=correct.astype(np.float64), minlength=n_bins)
    filled = np.flatnonzero(rows)
    return [CalibrationBin(int(rows[m]), float(sure[m] / rows[m]), float(right[m] / rows[m])) for m in filled]


def calibration_error(bins: list[CalibrationBin]) -> float:
    """ECE = Σ rows/n |accuracy − confidence| (Guo et al. 2017, equation 3)."""
    total = sum(interval.rows for interval in bins)
    return sum(interval.rows / total * abs(interval.accuracy - interval.confidence) for interval in bins)
