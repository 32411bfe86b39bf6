"""Which metrics are reported for each task, as plain JSON values; `None` where a metric is not defined."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from models.arrays import Array
from models.data.targets.decision_threshold import decide, decide_labels
from models.evaluation.metrics import confusion as counts
from models.evaluation.metrics import probability, regression

Report = dict[str, Any]
LARGEST_CONFUSION_MATRIX = 100
SMALLER_ENDINGS = ("loss", "error", "mae", "rmse", "mse")


def classification_report(
    truth: Array, probabilities: Array, classes: Sequence[str], threshold: float | None = None
) -> Report:
    """Metrics of class indices `truth` (n_rows,) and probabilities (n_rows, n_classes).

    With a `threshold`, the second of two classes is predicted where its probability is at least that.
    """
    predicted = decide(probabilities, threshold)
    certainty = probabilities[np.arange(predicted.size), predicted]
    confusion = counts.confusion_matrix(truth, predicted, len(classes))
    scores = counts.class_scores(confusion)
    bins = probability.calibration_bins(certainty, predicted == truth)
    report = {
        "rows": int(truth.size),
        "accuracy": counts.accuracy(confusion),
        "balanced_accuracy": counts.balanced_accuracy(confusion),
        **_averages(scores),
        "roc_auc": _class_roc_auc(truth, probabilities),
        "log_loss": probability.log_loss(truth, probabilities),
        "calibration_error": probability.calibration_error(bins),
        "calibration": [asdict(interval) for interval in bins],
    }
    if len(classes) <= LARGEST_CONFUSION_MATRIX:
        report |= {"classes": _by_class(scores, classes), "confusion_matrix": confusion.tolist()}
    return report


def multilabel_report(truth: Array, probabilities: Array, labels: Sequence[str]) -> Report:
    """Metrics of yes-or-no labels; both arrays of shape (n_rows, n_labels). A label is predicted where p ≥ 0.5."""
    truth, predicted = truth.astype(bool), decide_labels(probabilities)
    scores = counts.scores_from_counts((truth & predicted).sum(axis=0), truth.sum(axis=0), predicted.sum(axis=0))
    bins = probability.calibration_bins(
        np.maximum(probabilities, 1 - probabilities).ravel(), (truth == predicted).ravel()
    )
    return {
        "rows": int(truth.shape[0]),
        "accuracy": float(np.mean(np.all(truth == predicted, axis=1))),
        "hamming_loss": float(np.mean(truth != predicted)),
        **_averages(scores, every_label=True),
        "roc_auc": probability.macro_roc_auc(truth, probabilities),
        "log_loss": probability.binary_log_loss(truth, probabilities),
        "calibration_error": probability.calibration_error(bins),
        "classes": _by_class(scores, labels),
    }


def regression_report(truth: Array, predicted: Array) -> Report:
    """Metrics of numbers in raw units; both arrays of shape (n_rows, n_outputs). R² of one row is not defined."""
    return {
        "rows": int(truth.shape[0]),
        "r2": regression.r2(truth, predicted) if truth.shape[0] > 1 else None,
        "rmse": regression.root_mean_squared_error(truth, predicted),
        "mae": regression.mean_absolute_error(truth, predicted),
        "mse": regression.mean_squared_error(truth, predicted),
    }


def _class_roc_auc(truth: Array, probabilities: Array) -> float | None:
    """ROC AUC of the second of two classes, else the mean of each class against the rest."""
    n_classes = probabilities.shape[1]
    if n_classes == 2:
        return probability.roc_auc(truth == 1, probabilities[:, 1])
    return probability.macro_roc_auc(truth[:, None] == np.arange(n_classes), probabilities)


def _averages(scores: counts.ClassScores, every_label: bool = False) -> Report:
    named = {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
    macro = (lambda values: float(np.mean(values))) if every_label else scores.macro
    return {
        **{f"{name}_macro": macro(values) for name, values in named.items()},
        **{f"{name}_weighted": scores.weighted(values) for name, values in named.items()},
    }


def _by_class(scores: counts.ClassScores, names: Sequence[str]) -> list[Report]:
    columns = (scores.precision, scores.recall, scores.f1, scores.support)
    return [
        {"name": name, "precision": float(p), "recall": float(r), "f1": float(f1), "rows": int(n)}
        for name, p, r, f1, n in zip(names, *columns, strict=True)
    ]


def is_smaller_better(metric: str) -> bool:
    """Whether smaller values of a metric are better, as for losses and errors; for all others larger ones are."""
    return metric.endswith(SMALLER_ENDINGS)
