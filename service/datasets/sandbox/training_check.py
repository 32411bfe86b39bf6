"""The check of a training before its job is queued, in the API process or in its sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Table
from models.data.reading.options import ReadingOptions
from models.data.reading.table import find_table
from models.errors import BadRecipe, ModelError, UnknownColumn
from models.formats import safetensors
from models.preparation.prepare import prepare
from models.specification import Recipe
from service.datasets.formats.blocks import TableFile
from service.datasets.formats.errors import Place, TableError, problem_of
from service.datasets.formats.json_reader import Columns
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import PREVIEW_SCAN_BYTES, open_blocks, read_table


@dataclass(frozen=True)
class TrainingPlan:
    """What a training would do. `columns` are names, types and missing values; all of it is JSON."""

    recipe: dict[str, Any]
    task: str | None
    columns: list[dict[str, Any]]
    n_parameters: int | None
    warnings: list[dict[str, Any]]


@dataclass(frozen=True)
class TrainingCheck:
    """A recipe, the locations of its parts in the request, and the limits.

    `validation` holds the rows of `validation.dataset`, `start` the safetensors weights of the warm start.
    """

    recipe: Recipe
    place: Place
    specification: tuple[str | int, ...]
    limits: Limits
    most_parameters: int
    validation: TableFile | None = None
    start: Path | None = None


def examine_columns(columns: Columns, check: TrainingCheck) -> TrainingPlan:
    """Examine a few inline rows. Raises the problem of data that can't be trained on."""
    try:
        return _prepare(find_table(columns, ReadingOptions.of(check.recipe)), check)
    except (TableError, ModelError) as error:
        raise problem_of(error, check.place, check.specification) from error


def examine_file(file: TableFile, check: TrainingCheck) -> TrainingPlan:
    """Read a whole file and prepare the training. Raises the problem of data that can't be read or trained on."""
    try:
        table = read_table(file.path, file.format, ReadingOptions.of(check.recipe), check.limits)
        return _prepare(table, check)
    except (TableError, ModelError) as error:
        raise problem_of(error, check.place, check.specification) from error


def examine_start(file: TableFile, check: TrainingCheck) -> TrainingPlan:
    """Check only the first rows of a large file: that it can be read, and that the columns exist."""
    try:
        header = check.recipe.header
        with open_blocks(file.path, file.format, check.limits, PREVIEW_SCAN_BYTES, header) as reading:
            names = list(next(reading.blocks).columns)
        _check_columns(check.recipe, names)
    except (TableError, ModelError) as error:
        raise problem_of(error, check.place, check.specification) from error
    message = "The data is large: only its first rows were checked before the job was queued."
    warning = CodedWarning(WarningCode.EXAMINED_IN_PART, message).for_training()
    return TrainingPlan(check.recipe.to_json(), check.recipe.task, [], None, [warning])


def _prepare(table: Table, check: TrainingCheck) -> TrainingPlan:
    start = None if check.start is None else safetensors.loads(check.start.read_bytes())
    prepared = prepare(table, check.recipe, _validation_table(check), start)
    if prepared.n_parameters > check.most_parameters:
        raise BadRecipe(
            f"the network would have {prepared.n_parameters:,} parameters; the limit is {check.most_parameters:,} "
            "(FEEDFORWARD_MAX_PARAMETERS). Use fewer or narrower layers.",
            ["network", "hidden"],
        )
    columns = [
        {"name": column.name, "type": column.type, "missing": int(column.missing.sum())} for column in table.values()
    ]
    warnings = [dict(warning) for warning in prepared.warnings]
    return TrainingPlan(prepared.recipe.to_json(), prepared.task, columns, prepared.n_parameters, warnings)


def _validation_table(check: TrainingCheck) -> Table | None:
    file = check.validation
    if file is None:
        return None
    try:
        return read_table(file.path, file.format, ReadingOptions.of(check.recipe), check.limits)
    except (TableError, ModelError) as error:
        raise BadRecipe(f"the validation dataset can't be used: {error}", ["validation", "dataset"]) from error


def _check_columns(recipe: Recipe, names: list[str]) -> None:
    """Raises UnknownColumn for a label or a feature that is not among the names."""
    labels = [(recipe.label, ["label"])] if isinstance(recipe.label, str) else _with_locations(recipe.label, "label")
    for column, location in [*labels, *_with_locations(recipe.features or (), "features")]:
        if column not in names:
            raise UnknownColumn(column, names, location)


def _with_locations(columns: tuple[str, ...], field: str) -> list[tuple[str, list[str | int]]]:
    return [(column, [field, position]) for position, column in enumerate(columns)]
