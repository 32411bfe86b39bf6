"""The weight of each row in the loss: by its class, by a column, or both."""

import numpy as np

from models.arrays import Array
from models.data.columns import Table, as_text
from models.data.splits import Indices
from models.data.targets import Target
from models.errors import BadColumn, BadRecipe, UnknownColumn, did_you_mean, shorten
from models.specification import TrainingSpecification


def row_weights(training: TrainingSpecification, table: Table, target: Target, rows: Indices) -> Array | None:
    """The weights, float64 of shape (n_rows,), the product of both kinds; None where all rows count the same.

    `rows` are the training rows, among which `balanced` balances the classes.
    """
    by_column = None if training.sample_weight is None else _column_weights(training.sample_weight, table)
    by_class = None if training.class_weight is None else _class_weights(training.class_weight, table, target, rows)
    if by_column is None or by_class is None:
        return by_class if by_column is None else by_column
    return by_column * by_class


def _column_weights(name: str, table: Table) -> Array:
    location = ["training", "sample_weight"]
    if name not in table:
        raise UnknownColumn(name, list(table), location)
    column = table[name]
    if column.type not in ("number", "boolean"):
        raise BadRecipe(f"{name!r} is a {column.type} column; weights must be numbers", location)
    bad = np.flatnonzero(~(column.values >= 0))
    if bad.size:
        fault = "weights the rows, so it must be 0 or above, but is"
        raise BadColumn.of_values(name, bad.tolist(), column.values.item, fault, "correct it.", location)
    if not column.values.any():
        raise BadRecipe(f"{name!r} is 0 in every row; leave sample_weight out", location)
    return column.values


def _class_weights(weight: str | dict[str, float], table: Table, target: Target, rows: Indices) -> Array:
    """The weight of each row's class; `balanced` is n_rows / (n_classes · rows of the class), the same sum for each."""
    if not target.classes:
        raise BadRecipe("class_weight is only for classification; leave it out", ["training", "class_weight"])
    index = target.truth([table[name] for name in target.names])
    if isinstance(weight, dict):
        return _named_weights(weight, target)[index]
    counts = np.bincount(index[rows], minlength=len(target.classes))
    balanced: Array = (rows.size / (len(target.classes) * np.maximum(counts, 1)))[index]
    return balanced


def _named_weights(weight: dict[str, float], target: Target) -> Array:
    """The weight of each class by its text; 1 for classes that are not named."""
    texts = [as_text(value) or "" for value in target.classes]
    for text in weight:
        if text not in texts:
            message = f"There is no class {shorten(text)}.{did_you_mean(text, texts)}"
            raise BadRecipe(message, ["training", "class_weight", text])
    return np.array([weight.get(text, 1.0) for text in texts])
