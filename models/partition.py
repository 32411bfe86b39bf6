"""The split that a recipe asks for: one held-out part, or folds, by its method and column."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import splits
from models.columns import Column, Table
from models.errors import BadColumn, BadRecipe, UnknownColumn
from models.specification import ValidationSpecification
from models.splits import Split

Array = NDArray[Any]


def held_out(
    validation: ValidationSpecification, table: Table, n_rows: int, classes: Array | None, rng: np.random.Generator
) -> Split:
    """The rows that train and those that validate. `classes` are the class indices that `stratified` needs."""
    if validation.dataset is not None or validation.folds is not None or validation.fraction == 0:
        return splits.without_validation(n_rows)
    if validation.method == "time":
        return splits.time_split(_moments(_column(validation, table)), validation.fraction)
    if validation.method == "group":
        return splits.group_split(_groups(_column(validation, table)), validation.fraction, rng)
    if validation.method == "stratified" and classes is not None:
        return splits.stratified_split(classes, validation.fraction, rng)
    return splits.random_split(n_rows, validation.fraction, rng)


def in_folds(
    validation: ValidationSpecification, table: Table, n_rows: int, classes: Array | None, rng: np.random.Generator
) -> list[Split]:
    """The folds asked for; none where the recipe has none."""
    if validation.folds is None:
        return []
    if validation.method == "time":
        raise BadRecipe("folds cannot be cut by time; use a fraction with method time", ["validation", "method"])
    if validation.folds > n_rows:
        raise BadRecipe(f"{validation.folds} folds need as many rows, and there are {n_rows}", ["validation", "folds"])
    if validation.method == "group":
        return _group_folds(validation.folds, _groups(_column(validation, table)), rng)
    return splits.folds(n_rows, validation.folds, rng, classes if validation.method == "stratified" else None)


def _group_folds(n_folds: int, groups: Array, rng: np.random.Generator) -> list[Split]:
    n_groups = np.unique(groups).size
    if n_groups < n_folds:
        raise BadRecipe(f"{n_folds} folds need as many groups, and there are {n_groups}", ["validation", "folds"])
    return splits.group_folds(groups, n_folds, rng)


def _column(validation: ValidationSpecification, table: Table) -> Column:
    location = ["validation", "column"]
    name = validation.column or ""
    if name not in table:
        raise UnknownColumn(name, list(table), location)
    rows = np.flatnonzero(table[name].missing)
    if rows.size:
        raise BadColumn(name, rows.tolist(), f"{name!r} splits the rows, so that no value may be missing", location)
    return table[name]


def _moments(column: Column) -> Array:
    if column.type not in ("number", "date"):
        message = f"{column.name!r} is a {column.type} column; a split by time needs numbers or dates"
        raise BadRecipe(message, ["validation", "column"])
    return column.values


def _groups(column: Column) -> Array:
    groups = np.unique(column.values.astype(str) if column.type == "category" else column.values, return_inverse=True)[
        1
    ]
    if groups.max(initial=0) == 0:
        raise BadRecipe(f"{column.name!r} has only one group", ["validation", "column"])
    return groups
