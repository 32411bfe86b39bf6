"""What scikit-learn's users may pass as X, y and sample_weight, checked and turned into columns.

The messages use scikit-learn's own words, because its users and its `check_estimator` know them.
"""

import sys
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from models.arrays import Array
from models.data.columns import Column, RawValues, Table, infer_table
from models.estimators.feature_names import column_keys, feature_names, is_frame
from models.estimators.values import column_values, is_missing


class NotFitted(ValueError, AttributeError):
    """The estimator is not fitted yet; where scikit-learn is loaded, its own NotFittedError is raised instead."""


def not_fitted(name: str) -> Exception:
    """The error that callers expect of an estimator before `fit`."""
    exceptions = sys.modules.get("sklearn.exceptions")
    kind: type[Exception] = NotFitted if exceptions is None else exceptions.NotFittedError
    return kind(f"This {name} instance is not fitted yet. Call 'fit' with appropriate arguments first.")


def features_table(x: Any) -> Table:
    """Columns of a matrix (x0, x1, …), of a data frame, or of a mapping from names to values."""
    if hasattr(x, "toarray"):
        raise TypeError("Sparse data was passed for X, but dense data is required. Use '.toarray()' to convert it.")
    if isinstance(x, Mapping):
        return _named({name: column_values(name, values) for name, values in x.items()})
    if is_frame(x):
        keys = column_keys(x)
        names = feature_names(x) or [f"x{k}" for k in range(len(keys))]
        return _named({name: column_values(name, x[key]) for name, key in zip(names, keys, strict=True)})
    matrix = number_matrix(x)
    return {f"x{k}": Column(f"x{k}", "number", np.ascontiguousarray(matrix[:, k])) for k in range(matrix.shape[1])}


def _named(columns: Mapping[str, RawValues]) -> Table:
    if not columns:
        raise ValueError("Found array with 0 feature(s), while a minimum of 1 is required.")
    return infer_table(columns)


def number_matrix(x: Any) -> Array:
    """float64 of shape (n_rows, n_features); NaN is a missing value, infinity an error."""
    values = np.asarray(x)
    if values.dtype.kind == "c":
        raise ValueError("Complex data not supported.")
    matrix = values.astype(np.float64)
    _require_shape(matrix)
    if np.isinf(matrix).any():
        raise ValueError("Input X contains infinity or a value too large for dtype('float64').")
    return matrix


def _require_shape(matrix: Array) -> None:
    if matrix.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {matrix.ndim}D array instead. Reshape your data either using "
            "array.reshape(-1, 1) if it has a single feature or array.reshape(1, -1) if it has a single sample."
        )
    for axis, unit in enumerate(("sample", "feature")):
        if matrix.shape[axis] == 0:
            problem = f"Found array with 0 {unit}(s) (shape={matrix.shape})"
            raise ValueError(f"{problem} while a minimum of 1 is required.")


def label_vector(y: Any, n_rows: int) -> Array:
    """One label a row, of shape (n_rows,); a frame or matrix of one column is that column."""
    labels = _labels(y, n_rows)
    if labels.ndim == 2 and labels.shape[1] == 1:
        return labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {labels.shape} instead.")
    return labels


def label_matrix(y: Any, n_rows: int) -> Array:
    """float64 of shape (n_rows, n_outputs); finite."""
    given = _labels(y, n_rows)
    if given.dtype.kind in "mM":
        raise ValueError("y contains dates or durations, which cannot be predicted; convert them to numbers.")
    labels = given.astype(np.float64)
    require_finite_labels(labels)
    return labels[:, None] if labels.ndim == 1 else labels


def _labels(y: Any, n_rows: int) -> Array:
    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None.")
    labels = np.asarray(y)
    if labels.dtype.kind == "c":
        raise ValueError("Complex data not supported.")
    if labels.dtype.kind in "OmM" and any(map(is_missing, labels.ravel())):
        raise ValueError("Input y contains NaN.")
    if labels.ndim not in (1, 2) or len(labels) != n_rows:
        raise ValueError(f"Found input variables with inconsistent numbers of samples: [{n_rows}, {labels.shape}].")
    return labels


def require_finite_labels(labels: Array) -> None:
    """Raises ValueError for a label that is NaN or infinite."""
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        content = "NaN" if np.isnan(labels).any() else "infinity or a value too large for dtype('float64')"
        raise ValueError(f"Input y contains {content}.")


def warn_of_column_vector(y: Any) -> None:
    """Warn, as scikit-learn does, when labels for a training are a matrix of one column instead of a vector."""
    shape = np.asarray(y).shape
    if len(shape) != 2 or shape[1] != 1:
        return
    message = "A column-vector y was passed when a 1d array was expected. Change the shape of y to (n_samples,)."
    warnings.warn(message, _warning_class("DataConversionWarning"), stacklevel=3)


def warn_of_undefined(message: str) -> None:
    """Tell who asks for a score that is not defined, as scikit-learn does."""
    warnings.warn(message, _warning_class("UndefinedMetricWarning"), stacklevel=3)


def _warning_class(name: str) -> type[Warning]:
    """scikit-learn's own where it is loaded."""
    category: type[Warning] = getattr(sys.modules.get("sklearn.exceptions"), name, UserWarning)
    return category


def weight_vector(sample_weight: Any, n_rows: int) -> Array:
    """The weight of each row, float64 of shape (n_rows,)."""
    weight = np.asarray(sample_weight, np.float64)
    if weight.ndim == 0:
        weight = np.full(n_rows, float(weight))
    if weight.shape != (n_rows,):
        raise ValueError(f"sample_weight.shape == {weight.shape}, expected ({n_rows},); Sample weights must be 1D.")
    if not weight.any():
        raise ValueError("Sample weights must not all be zero.")
    return weight


def score_weights(sample_weight: Any, n_rows: int) -> Array | None:
    """The weights of the rows of a score; None where all rows count the same."""
    return None if sample_weight is None else weight_vector(sample_weight, n_rows)
