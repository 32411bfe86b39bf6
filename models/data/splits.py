"""Which rows train and which validate: random, stratified, by time, by group, or in k folds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Array
from models.data.columns import Column, Table
from models.errors import BadColumn, BadRecipe, UnknownColumn
from models.specification import ValidationSpecification

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The numbers of the rows that train and of those that validate, each in the order of the data."""

    training: Indices
    validation: Indices


def without_validation(n_rows: int) -> Split:
    """The split in which every row trains."""
    return Split(np.arange(n_rows), np.arange(0))


def held_out_count(n_rows: int, fraction: float) -> int:
    """Rows to hold out: the fraction, rounded, but at least one row on each side where there are two."""
    if fraction <= 0 or n_rows < 2:
        return 0
    return min(max(round(n_rows * fraction), 1), n_rows - 1)


def random_split(n_rows: int, fraction: float, rng: np.random.Generator) -> Split:
    """Hold out rows drawn without replacement."""
    return _split(n_rows, rng.permutation(n_rows)[: held_out_count(n_rows, fraction)])


def stratified_split(classes: Array, fraction: float, rng: np.random.Generator) -> Split:
    """Hold out the same share of each class, by largest remainders; a class with one row is not held out."""
    order, counts, starts = _shuffled_by_class(classes, rng)
    quota = _shares(counts, held_out_count(classes.size, fraction))
    rows = [order[start : start + n] for start, n in zip(starts, quota, strict=True)]
    return _split(classes.size, np.concatenate(rows))


def time_split(moments: Array, fraction: float) -> Split:
    """Hold out the latest rows; rows of equal time stay in the order of the data."""
    order = np.argsort(moments, kind="stable")
    return _split(moments.size, order[moments.size - held_out_count(moments.size, fraction) :])


def group_split(groups: Array, fraction: float, rng: np.random.Generator) -> Split:
    """Hold out whole groups, in random order, as long as that brings the share nearer to the fraction."""
    names, index = np.unique(groups, return_inverse=True)
    sizes = np.bincount(index)
    order = rng.permutation(names.size)
    held = np.cumsum(sizes[order])
    n_groups = int(np.abs(held - fraction * groups.size).argmin()) + 1
    return _split(groups.size, np.flatnonzero(np.isin(index, order[: min(n_groups, names.size - 1)])))


def folds(n_rows: int, n_folds: int, rng: np.random.Generator, classes: Array | None = None) -> list[Split]:
    """k splits whose validation rows are disjoint and cover all rows; `classes` are spread evenly over them."""
    order = rng.permutation(n_rows) if classes is None else _shuffled_by_class(classes, rng)[0]
    fold = np.empty(n_rows, dtype=np.int64)
    fold[order] = np.arange(n_rows) % n_folds
    return [_split(n_rows, np.flatnonzero(fold == k)) for k in range(n_folds)]


def group_folds(groups: Array, n_folds: int, rng: np.random.Generator) -> list[Split]:
    """k folds of whole groups, the largest group first into the emptiest fold."""
    names, index = np.unique(groups, return_inverse=True)
    sizes, shuffled = np.bincount(index), rng.permutation(names.size)
    filled, fold = np.zeros(n_folds, dtype=np.int64), np.empty(names.size, dtype=np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold[group] = filled.argmin()
        filled[fold[group]] += sizes[group]
    return [_split(groups.size, np.flatnonzero(fold[index] == k)) for k in range(n_folds)]


def _split(n_rows: int, held_out: Array) -> Split:
    validates = np.zeros(n_rows, dtype=bool)
    validates[held_out] = True
    return Split(np.flatnonzero(~validates), np.flatnonzero(validates))


def _shuffled_by_class(classes: Array, rng: np.random.Generator) -> tuple[Indices, Indices, Indices]:
    """Row numbers sorted by class and shuffled within each; the size and the start of each class."""
    _, index, counts = np.unique(classes, return_inverse=True, return_counts=True)
    shuffled = rng.permutation(classes.size)
    order = shuffled[np.argsort(index[shuffled], kind="stable")]
    return order, counts, np.cumsum(counts) - counts


def _shares(counts: Indices, total: int) -> Indices:
    """`total` divided in proportion to `counts` (Hamilton's method), at least one row less than each count."""
    exact = counts * total / counts.sum()
    shares: Indices = np.minimum(np.floor(exact).astype(np.int64), counts - 1)
    by_remainder = np.argsort(-(exact - np.floor(exact)), kind="stable")
    for k in by_remainder[shares[by_remainder] < counts[by_remainder] - 1][: total - int(shares.sum())]:
        shares[k] += 1
    return shares


def held_out(
    validation: ValidationSpecification, table: Table, n_rows: int, classes: Array | None, rng: np.random.Generator
) -> Split:
    """The rows that train and those that validate. `classes` are the class indices that `stratified` needs."""
    if validation.dataset is not None or validation.folds is not None or validation.fraction == 0:
        return without_validation(n_rows)
    if validation.method == "time":
        return time_split(_moments(_column(validation, table)), validation.fraction)
    if validation.method == "group":
        return group_split(_groups(_column(validation, table)), validation.fraction, rng)
    if validation.method == "stratified" and classes is not None:
        return stratified_split(classes, validation.fraction, rng)
    return random_split(n_rows, validation.fraction, rng)


def in_folds(
    validation: ValidationSpecification, table: Table, n_rows: int, classes: Array | None, rng: np.random.Generator
) -> list[Split]:
    """The folds of the recipe; an empty list where it has none."""
    if validation.folds is None:
        return []
    if validation.method == "time":
        raise BadRecipe("folds cannot be cut by time; use a fraction with method time", ["validation", "method"])
    if validation.folds > n_rows:
        raise BadRecipe(
            f"{validation.folds} folds need at least as many rows, but there are {n_rows}; use fewer folds",
            ["validation", "folds"],
        )
    if validation.method == "group":
        return _group_folds(validation.folds, _groups(_column(validation, table)), rng)
    return folds(n_rows, validation.folds, rng, classes if validation.method == "stratified" else None)


def _group_folds(n_folds: int, groups: Array, rng: np.random.Generator) -> list[Split]:
    n_groups = np.unique(groups).size
    if n_groups < n_folds:
        raise BadRecipe(
            f"{n_folds} folds need at least as many groups, but there are {n_groups}; use fewer folds",
            ["validation", "folds"],
        )
    return group_folds(groups, n_folds, rng)


def _column(validation: ValidationSpecification, table: Table) -> Column:
    location = ["validation", "column"]
    name = validation.column or ""
    if name not in table:
        raise UnknownColumn(name, list(table), location)
    rows = np.flatnonzero(table[name].missing)
    if rows.size:
        raise BadColumn.of_missing(name, rows.tolist(), "it splits the rows, so every row needs a value", location)
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
        raise BadRecipe(f"{column.name!r} has only one group; choose a column with several", ["validation", "column"])
    return groups
