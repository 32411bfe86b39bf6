"""Which columns are labels and which are features."""

from collections.abc import Iterable, Sequence

from models.coded_warnings import CodedWarning
from models.data.columns import Column, Table, n_rows
from models.data.reading.options import ReadingOptions
from models.errors import BadRecipe, UnknownColumn
from models.preparation.data_warnings import reason_to_leave_out
from models.specification import Recipe


def label_columns(table: Table, recipe: Recipe) -> list[Column]:
    """The label columns. Raises where one is not in the data, is named twice, or the data has no row."""
    names = recipe.labels
    for k, name in enumerate(names):
        location: list[str | int] = ["label"] if isinstance(recipe.label, str) else ["label", k]
        if name not in table:
            raise UnknownColumn(name, list(table), location)
        if name in names[:k]:
            raise BadRecipe(f"{name!r} is named twice", location)
    if n_rows(table) == 0:
        raise BadRecipe("the data has no rows", ["data"])
    return [table[name] for name in names]


def select_features(table: Table, recipe: Recipe) -> tuple[tuple[str, ...], list[CodedWarning]]:
    """The named features, else all columns that can be features; and why others were left out."""
    _require_known(recipe.columns, table, "columns")
    if isinstance(recipe.scaling, dict):
        _require_known(recipe.scaling, table, "scaling")
    if recipe.features is not None:
        _check_named(table, recipe, recipe.features)
        return recipe.features, []
    candidates = [name for name in table if name not in {*recipe.labels, *_other_columns(recipe)}]
    reader = ReadingOptions.of(recipe).reader
    reasons = {name: reason_to_leave_out(table[name], reader) for name in candidates}
    features = tuple(name for name in candidates if reasons[name] is None)
    left_out = [reason for reason in reasons.values() if reason is not None]
    if not features:
        because = f" {left_out[0].message}" if left_out else ""
        raise BadRecipe(f"no column can be used as a feature.{because}", ["features"])
    return features, left_out


def _check_named(table: Table, recipe: Recipe, features: Sequence[str]) -> None:
    if not features:
        raise BadRecipe("features must name at least one column, or be left out for all", ["features"])
    for k, name in enumerate(features):
        if name not in table:
            raise UnknownColumn(name, list(table), ["features", k])
        if name in recipe.labels:
            raise BadRecipe(f"{name!r} is a label and cannot be a feature; remove it from features", ["features", k])
        if name in features[:k]:
            raise BadRecipe(f"{name!r} is named twice", ["features", k])


def _other_columns(recipe: Recipe) -> set[str]:
    """Columns that weight or group the rows, which are features only if the recipe names them."""
    names = {recipe.training.sample_weight}
    if recipe.validation.method == "group":
        names.add(recipe.validation.column)
    return {name for name in names if name is not None}


def _require_known(names: Iterable[str], table: Table, field: str) -> None:
    for name in names:
        if name not in table:
            raise UnknownColumn(name, list(table), [field, name])
