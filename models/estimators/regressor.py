"""The regressor: one number a row, or several."""

from typing import Any, Self

from models.arrays import Array
from models.data.columns import Column, n_rows
from models.estimators.estimator import Estimator
from models.estimators.matrices import label_matrix, score_weights, warn_of_column_vector, warn_of_undefined
from models.estimators.tags import regressor_tags
from models.evaluation.metrics.regression import r2


class Regressor(Estimator):
    """A feedforward network that predicts numbers, with the defaults of this library.

    Labels are standardised for the training, and predictions are in the units of y. Features, parameters and fitted
    attributes are those of Classifier, without classes and their weights.
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
        self.averaged_weights, self.gradient_clip, self.scaling = averaged_weights, gradient_clip, scaling
        self.validation_fraction, self.dtype, self.random_state = validation_fraction, dtype, random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803  # scikit-learn's name
        """Train on rows X and their numbers y, of shape (n_rows,) or (n_rows, n_outputs)."""
        table = self._table(X)
        numbers = label_matrix(y, n_rows(table))
        warn_of_column_vector(y)
        labels = {f"y{k}": Column(f"y{k}", "number", numbers[:, k].copy()) for k in range(numbers.shape[1])}
        fitted = self._fit(table, labels, {}, sample_weight)
        self.n_outputs_, self._is_flat = len(labels), len(labels) == 1
        return self._remember(fitted, X, table)

    def _task(self) -> str:
        return "regression"

    def predict(self, X: Any) -> Array:  # noqa: N803
        """Predictions in the units and the shape of y."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._is_flat else outputs

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """R²: 1 for exact predictions, 0 for those no better than the mean; outputs count the same. NaN for one row."""
        predicted = self.predict(X)
        truth = label_matrix(y, len(predicted))
        if truth.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {truth.shape[1]} outputs, but this Regressor predicts {self.n_outputs_}.")
        if len(truth) < 2:
            warn_of_undefined("R^2 score is not well-defined with less than two samples.")
            return float("nan")
        return r2(truth, predicted.reshape(truth.shape), score_weights(sample_weight, len(predicted)))

    def __sklearn_tags__(self) -> Any:
        return regressor_tags()
