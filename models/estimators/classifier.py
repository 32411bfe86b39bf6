"""The classifier: labels of any type in, the most probable one out."""

from typing import Any, Self

import numpy as np

from models.arrays import Array
from models.data.columns import Column, n_rows
from models.estimators.estimator import Estimator
from models.estimators.matrices import (
    label_vector,
    require_finite_labels,
    score_weights,
    warn_of_column_vector,
)
from models.estimators.tags import classifier_tags


class Classifier(Estimator):
    """A feedforward network that predicts classes, with the defaults of this library.

    Features are a matrix of numbers (NaN is missing), a data frame, or a mapping from column names to values; texts
    become one-hot, missing values are filled and flagged. `optimizer`, `loss` and `schedule` are names or objects;
    with `epochs` left out the training stops early on the `validation_fraction` of the rows. After `fit`, `classes_`,
    `trained_`, `metrics_`, `curve_` and `n_iter_` hold the results.
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (128,),
        activation: Any = "relu",
        init: str | None = None,
        dropout: Any = 0.0,
        batch_norm: bool = False,
        layer_norm: bool = False,
        l1: float = 0.0,
        l2: float = 0.0,
        loss: Any = None,
        optimizer: Any = None,
        learning_rate: float | None = None,
        schedule: Any = "constant",
        batch_size: int | None = None,
        epochs: int | None = None,
        early_stopping: Any = None,
        averaged_weights: float | None = None,
        gradient_clip: Any = None,
        class_weight: Any = None,
        scaling: Any = "standard",
        validation_fraction: float = 0.2,
        dtype: str = "float64",
        random_state: Any = None,
    ) -> None:
        self.hidden, self.activation, self.init = hidden, activation, init
        self.dropout, self.batch_norm, self.layer_norm = dropout, batch_norm, layer_norm
        self.l1, self.l2, self.loss = l1, l2, loss
        self.optimizer, self.learning_rate, self.schedule = optimizer, learning_rate, schedule
        self.batch_size, self.epochs, self.early_stopping = batch_size, epochs, early_stopping
        self.averaged_weights, self.gradient_clip = averaged_weights, gradient_clip
        self.class_weight, self.scaling = class_weight, scaling
        self.validation_fraction, self.dtype, self.random_state = validation_fraction, dtype, random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803  # scikit-learn's name
        """Train on rows X and their labels y, each row counting as much as its `sample_weight`."""
        table = self._table(X)
        labels = label_vector(y, n_rows(table))
        warn_of_column_vector(y)
        require_classes(labels)
        classes, index = np.unique(labels, return_inverse=True)
        column = Column("label", "number", index.astype(np.float64))
        weight = {"class_weight": self._class_weight(classes)}
        fitted = self._fit(table, {"label": column}, weight, sample_weight)
        self.classes_: Array = classes
        return self._remember(fitted, X, table)

    def _task(self) -> str:
        return "classification"

    def _class_weight(self, classes: Array) -> Any:
        """The weights by the position of each class in `classes`, which is its label in training."""
        if not isinstance(self.class_weight, dict):
            return self.class_weight
        unknown = [key for key in self.class_weight if key not in classes.tolist()]
        if unknown:
            raise ValueError(f"class_weight names {unknown[0]!r}, and the classes are {classes.tolist()[:20]}")
        positions = {value: str(k) for k, value in enumerate(classes.tolist())}
        return {positions[key]: weight for key, weight in self.class_weight.items()}

    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """Probabilities of shape (n_rows, n_classes), in the order of `classes_`."""
        outputs = self._outputs(X)
        # The shares of float32 sum to 1 within its own rounding, which is too far from 1 for float64.
        return np.asarray(outputs / outputs.sum(axis=1, keepdims=True))

    def predict_log_proba(self, X: Any) -> Array:  # noqa: N803
        """The logarithms of the probabilities."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The most probable class of each row."""
        most_probable: Array = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[most_probable])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """The accuracy."""
        predicted = self.predict(X)
        is_right = predicted == label_vector(y, len(predicted))
        return float(np.average(is_right, weights=score_weights(sample_weight, len(predicted))))

    def __sklearn_tags__(self) -> Any:
        return classifier_tags()


def require_classes(labels: Array) -> None:
    """Raises ValueError for numbers that are not whole, and where there is only one class."""
    require_finite_labels(labels)
    if labels.dtype.kind == "f" and np.any(labels != np.floor(labels)):
        raise ValueError("Unknown label type: continuous. A classifier takes classes; use Regressor for numbers.")
    if len(set(labels.tolist())) < 2:
        raise ValueError("Classifier can't train when only one class is present.")
