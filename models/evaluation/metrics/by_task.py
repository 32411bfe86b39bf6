"""The metrics of each task: for a whole set of rows, for each row, and the single metrics that decisions use."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from models.arrays import Array
from models.data.columns import Column, as_text
from models.data.targets import Target
from models.data.targets.decision_threshold import decide, decide_labels
from models.evaluation.metrics.report import Report, classification_report, multilabel_report, regression_report
from models.specification import TaskName

SMALLEST_PROBABILITY = 1e-15


class TaskMetrics(Protocol):
    """`score` measures permutation importance; `comparable` ranks trainings whose losses differ."""

    score: str
    comparable: str

    @staticmethod
    def report(target: Target, labels: Sequence[Column], predicted: Array) -> Report:
        """Every metric of the task."""
        ...

    @staticmethod
    def by_row(target: Target, labels: Sequence[Column], predicted: Array) -> dict[str, Array]:
        """The metrics that are means over the rows, for each row: arrays of shape (n_rows,)."""
        ...


class ClassMetrics:
    """Metrics of one class out of several."""

    score, comparable = "accuracy", "log_loss"

    @staticmethod
    def report(target: Target, labels: Sequence[Column], predicted: Array) -> Report:
        texts = [as_text(value) or "" for value in target.classes]
        [signature] = target.signatures()
        return classification_report(target.truth(labels), predicted, texts, signature.threshold)

    @staticmethod
    def by_row(target: Target, labels: Sequence[Column], predicted: Array) -> dict[str, Array]:
        truth = target.truth(labels)
        [signature] = target.signatures()
        right = (decide(predicted, signature.threshold) == truth).astype(np.float64)
        probability = predicted[np.arange(truth.size), truth]
        return {"accuracy": right, "log_loss": -np.log(np.maximum(probability, SMALLEST_PROBABILITY))}


class LabelMetrics:
    """Metrics of several yes-or-no labels."""

    score, comparable = "accuracy", "log_loss"

    @staticmethod
    def report(target: Target, labels: Sequence[Column], predicted: Array) -> Report:
        return multilabel_report(target.truth(labels), predicted, target.names)

    @staticmethod
    def by_row(target: Target, labels: Sequence[Column], predicted: Array) -> dict[str, Array]:
        right = decide_labels(predicted) == (target.truth(labels) > 0.5)
        return {"label_accuracy": right.mean(axis=1)}


class NumberMetrics:
    """Metrics of numbers in raw units."""

    score, comparable = "r2", "rmse"

    @staticmethod
    def report(target: Target, labels: Sequence[Column], predicted: Array) -> Report:
        return regression_report(target.truth(labels), predicted)

    @staticmethod
    def by_row(target: Target, labels: Sequence[Column], predicted: Array) -> dict[str, Array]:
        errors = predicted - target.truth(labels)
        return {"mse": (errors**2).mean(axis=1), "mae": np.abs(errors).mean(axis=1)}


METRICS: dict[TaskName, type[TaskMetrics]] = {
    "classification": ClassMetrics,
    "multilabel": LabelMetrics,
    "regression": NumberMetrics,
}
