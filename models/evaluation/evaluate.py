"""The metrics of a trained network on rows whose labels are known."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from models.arrays import Array
from models.data.columns import Column, RawValues, Table, take_rows, typed_column
from models.data.targets import Target
from models.data.text_values import parse_text_column
from models.errors import BadLabel, NotANumber, UnknownColumn
from models.evaluation.metrics.by_task import METRICS
from models.inference.trained_network import TrainedNetwork, plain_values
from models.specification import ColumnType

Report = dict[str, Any]

ROWS_AT_ONCE = 8192


def evaluate(trained: TrainedNetwork, rows: Table | Mapping[str, RawValues]) -> Report:
    """Every metric of the task, with confusion matrix and calibration. Raises BadLabel and NotANumber."""
    labels = read_labels(trained.target, rows)
    return report(trained.target, labels, predict_in_parts(trained, trained.inputs(rows)))


@np.errstate(all="ignore")
def report(target: Target, labels: Sequence[Column], predicted: Array) -> Report:
    """The metrics of predictions against the label columns; None for a metric that is not a finite number.

    Raises NotANumber for a prediction that is NaN: it would count as one for the first class.
    """
    n_bad = int(np.isnan(predicted).any(axis=1).sum())
    if n_bad:
        raise NotANumber(n_bad, len(predicted))
    metrics = METRICS[target.task].report(target, labels, predicted)
    return {name: None if _overflowed(value) else value for name, value in metrics.items()}


def _overflowed(value: object) -> bool:
    return isinstance(value, float) and not np.isfinite(value)


def predict_in_parts(trained: TrainedNetwork, inputs: Array) -> Array:
    """The outputs for preprocessed inputs, computed some rows at a time, so that little memory is needed."""
    outputs = [trained.outputs_of(inputs[k : k + ROWS_AT_ONCE]) for k in range(0, len(inputs), ROWS_AT_ONCE)]
    return np.concatenate(outputs) if outputs else trained.outputs_of(inputs)


def labelled_rows(targets: Sequence[Target], tables: Sequence[Table]) -> list[Table]:
    """The rows of one dataset that have a label, as training takes them; a table for each target that reads it.

    Raises BadLabel where no row has a label.
    """
    columns = [
        _label(name, target.label_type, rows)
        for target, rows in zip(targets, tables, strict=True)
        for name in target.names
    ]
    missing = np.any([column.missing for column in columns], axis=0)
    if missing.all():
        raise BadLabel("no row has a label; check the label column's name and values")
    return [take_rows(rows, np.flatnonzero(~missing)) for rows in tables] if missing.any() else list(tables)


def read_labels(target: Target, rows: Table | Mapping[str, RawValues]) -> list[Column]:
    """The label columns, of the types that they had in training. Raises BadLabel for a missing value."""
    columns = [_label(name, target.label_type, rows) for name in target.names]
    for column in columns:
        missing = np.flatnonzero(column.missing)
        if missing.size:
            raise BadLabel(f"{column.name!r} is missing in row {missing[0]}; leave out rows without a label")
    return columns


def _label(name: str, type_: ColumnType, rows: Table | Mapping[str, RawValues]) -> Column:
    if name not in rows:
        raise UnknownColumn(name, list(rows), ["label"])
    values = rows[name]
    if isinstance(values, Column) and values.type == type_:
        return values
    plain = plain_values(values)
    if type_ == "number" and _are_texts(plain):
        plain = parse_text_column(plain, type_)
    return typed_column(name, type_, plain)


def _are_texts(values: RawValues) -> TypeGuard[Sequence[str | None]]:
    """Whether all values are text, as long codes are, which networks trained by older releases read as numbers."""
    return not isinstance(values, np.ndarray) and set(map(type, values)) <= {str, type(None)}
