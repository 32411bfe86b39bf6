"""Metrics of predicted numbers; truth and prediction of shape (n_rows, n_outputs), means taken over outputs."""

import numpy as np

from models.arrays import Array


def mean_squared_error(truth: Array, predicted: Array) -> float:
    """MSE = mean (y − ŷ)²."""
    return float(np.mean((truth - predicted) ** 2))


def root_mean_squared_error(truth: Array, predicted: Array) -> float:
    """The mean over outputs of √MSE."""
    return float(np.mean(np.sqrt(np.mean((truth - predicted) ** 2, axis=0))))


def mean_absolute_error(truth: Array, predicted: Array) -> float:
    """MAE = mean |y − ŷ|."""
    return float(np.mean(np.abs(truth - predicted)))


def r2(truth: Array, predicted: Array, weight: Array | None = None) -> float:
    """R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)², the mean over outputs; for a constant truth 1 if it is predicted exactly, else 0.

    `weight`, of shape (n_rows,), weights the sums and the mean.
    """
    residual = _sum((truth - predicted) ** 2, weight)
    total = _sum((truth - np.average(truth, axis=0, weights=weight)) ** 2, weight)
    total[np.all(truth == truth[:1], axis=0)] = 0.0  # the mean of equal numbers is rounded, and may be another number
    explained = np.where(residual == 0, 1.0, 0.0)
    np.divide(total - residual, total, out=explained, where=total > 0)
    return float(np.mean(explained))


def _sum(squares: Array, weight: Array | None) -> Array:
    total: Array = np.sum(squares if weight is None else squares * weight[:, None], axis=0)
    return total
