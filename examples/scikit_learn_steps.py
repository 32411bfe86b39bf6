"""What scikit-learn's steps before a network do: each input of the network as a function of one column.

Scalers, one-hot encoding, pipelines and column transformers are such functions; whatever else is there is rejected by
the name of its step.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)

SUPPORTED = (
    "StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, OneHotEncoder, ColumnTransformer, Pipeline, passthrough"
)


@dataclass(frozen=True)
class Input:
    """(v − `shift`) / `scale`. v is the number in `column`, or for a category what `values` has for it, else 0."""

    column: int
    shift: float = 0.0
    scale: float = 1.0
    values: tuple[tuple[Any, float], ...] | None = None

    def then(self, shift: float, scale: float) -> Input:
        """(this − `shift`) / `scale`."""
        return replace(self, shift=self.shift + shift * self.scale, scale=self.scale * scale)


def through(step: Any, inputs: Sequence[Input], place: str) -> list[Input]:
    """The columns that a fitted step makes of others. Raises ValueError, with the step's name, where it cannot."""
    match step:
        case None | "passthrough" | FunctionTransformer(func=None):
            return list(inputs)
        case Pipeline():
            for name, inner in step.steps:
                inputs = through(inner, inputs, f"{place}.{name}".lstrip("."))
            return list(inputs)
        case ColumnTransformer():
            return _side_by_side(step, inputs, place)
        case OneHotEncoder():
            return _one_hot(step, inputs, place)
        case StandardScaler() | MinMaxScaler() | MaxAbsScaler() | RobustScaler():
            return _scaled(step, inputs, place)
    raise ValueError(f"step {place!r} is a {type(step).__name__}, which cannot be imported; supported are {SUPPORTED}")


def _scaled(step: Any, inputs: Sequence[Input], place: str) -> list[Input]:
    """Each column less its shift, divided by its scale."""
    if getattr(step, "clip", False):
        raise ValueError(f"step {place!r} clips its columns, which cannot be imported; fit it with clip=False")
    zeros, ones = np.zeros(len(inputs)), np.ones(len(inputs))
    scale = ones if step.scale_ is None else step.scale_
    if isinstance(step, MinMaxScaler):  # x · scale + min
        shift, scale = -step.min_ / scale, 1 / scale
    elif isinstance(step, StandardScaler):
        shift = step.mean_ if step.with_mean else zeros
    else:
        shift = zeros if getattr(step, "center_", None) is None else step.center_
    return [one.then(*pair) for one, *pair in zip(inputs, shift.tolist(), scale.tolist(), strict=True)]


def _side_by_side(step: ColumnTransformer, inputs: Sequence[Input], place: str) -> list[Input]:
    """The columns of each transformer after one another."""
    weights, made = step.transformer_weights or {}, []
    for name, inner, columns in step.transformers_:
        if isinstance(inner, str) and inner == "drop":
            continue
        chosen = [inputs[k] for k in _places(step, columns)]
        parts = through(inner, chosen, f"{place}.{name}".lstrip(".")) if chosen else []
        made += [one.then(0.0, 1 / weights.get(name, 1.0)) for one in parts]
    return made


def _places(step: ColumnTransformer, columns: Any) -> list[int]:
    """The numbers of the columns, which were chosen by number, name, slice or truth."""
    numbers, names = np.arange(step.n_features_in_), list(getattr(step, "feature_names_in_", ()))
    if isinstance(columns, slice):
        return list(numbers[_by_number(columns, names)])
    chosen = np.atleast_1d(np.asarray(columns))
    if chosen.dtype.kind in "OU":
        return [names.index(name) for name in chosen]
    return list(numbers[chosen]) if chosen.size else []


def _by_number(columns: slice, names: Sequence[str]) -> slice:
    """A slice of names, whose end belongs to it, as one of numbers."""
    start, stop = columns.start, columns.stop
    first = names.index(start) if isinstance(start, str) else start
    return slice(first, names.index(stop) + 1 if isinstance(stop, str) else stop, columns.step)


def _one_hot(step: OneHotEncoder, inputs: Sequence[Input], place: str) -> list[Input]:
    """Each category of each column is encoded once to see which of the new columns it sets."""
    if any(one != Input(one.column) for one in inputs):
        raise ValueError(f"step {place!r} encodes columns that an earlier step changed, which cannot be imported")
    rare = getattr(step, "infrequent_categories_", None) or [None] * len(inputs)
    if step.handle_unknown in ("infrequent_if_exist", "warn") and any(one is not None for one in rare):
        raise ValueError(
            f"step {place!r} reads unknown categories as infrequent ones, which cannot be imported; fit it with "
            "handle_unknown='ignore'"
        )
    dropped = step.drop_idx_ if step.drop_idx_ is not None else [None] * len(inputs)
    made: list[Input] = []
    for k, categories in enumerate(step.categories_):
        width = len(categories) - (dropped[k] is not None) - (0 if rare[k] is None else len(rare[k]) - 1)
        encoded = _encoded(step, k)[:, len(made) : len(made) + width]
        made += [Input(inputs[k].column, values=tuple(zip(categories, column, strict=True))) for column in encoded.T]
    return made


def _encoded(step: OneHotEncoder, column: int) -> np.ndarray:
    """A row for each category of the column, beside the first categories of the others."""
    rows = np.empty((len(step.categories_[column]), len(step.categories_)), dtype=object)
    for k, categories in enumerate(step.categories_):
        rows[:, k] = categories if k == column else categories[0]
    return _transformed(step, rows)


def _transformed(step: Any, rows: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a step that was fitted on a data frame expects names
        made = step.transform(rows)
    return np.asarray(made.toarray() if hasattr(made, "toarray") else made, np.float64)
