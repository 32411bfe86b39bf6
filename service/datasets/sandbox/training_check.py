"""What is looked at before a job is queued: the same answers in the API process and in its limited child."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Table, infer_table
from models.errors import BadRecipe, ModelError, UnknownColumn
from models.formats import safetensors
from models.preparation.prepare import prepare
from models.specification import Recipe
from service.datasets.formats.blocks import TableFile
from service.datasets.formats.errors import Place, TableError, problem_of
from service.datasets.formats.json_reader import Columns
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import ENOUGH_TO_LOOK_BYTES, open_blocks, read_table


@dataclass(frozen=True)
class TrainingPlan:
    """What a training would do. `columns` are their names, types and missing values; JSON all through."""

    recipe: dict[str, Any]
    task: str | None
    columns: list[dict[str, Any]]
    n_parameters: int | None
    warnings: list[dict[str, Any]]


@dataclass(frozen=True)
class TrainingCheck:
    """A recipe, where its parts stand in the request, and the limits.

    `validation` holds the rows of `validation.dataset`, `start` the safetensors form of the network to go on from.
    """

    recipe: Recipe
    place: Place
    specification: tuple[str | int, ...]
    limits: Limits
    most_parameters: int
    validation: TableFile | None = None
    start: Path | None = None


def examine_columns(columns: Columns, question: TrainingCheck) -> TrainingPlan:
    """Examine rows that came inline and are few. Raises the problem of what can't be trained."""
    try:
        return _prepare(infer_table(columns, question.recipe.columns), question)
    except (TableError, ModelError) as error:
        raise problem_of(error, question.place, question.specification) from error


def examine_file(file: TableFile, question: TrainingCheck) -> TrainingPlan:
    """Read a file whole and prepare the training. Raises the problem of what can't be read or trained."""
    try:
        table = read_table(file.path, file.format, question.recipe.columns, question.limits)
        return _prepare(table, question)
    except (TableError, ModelError) as error:
        raise problem_of(error, question.place, question.specification) from error


def examine_start(file: TableFile, question: TrainingCheck) -> TrainingPlan:
    """Look at the first rows of a large file only: that it can be read, and that the columns are there."""
    try:
        with open_blocks(file.path, file.format, question.limits, ENOUGH_TO_LOOK_BYTES) as reading:
            names = list(next(reading.blocks).columns)
        _check_columns(question.recipe, names)
    except (TableError, ModelError) as error:
        raise problem_of(error, question.place, question.specification) from error
    message = "The data is large: only its first rows were checked before the job was queued."
    warning = CodedWarning(WarningCode.EXAMINED_IN_PART, message).for_training()
    return TrainingPlan(question.recipe.to_json(), question.recipe.task, [], None, [warning])


def _prepare(table: Table, question: TrainingCheck) -> TrainingPlan:
    start = None if question.start is None else safetensors.loads(question.start.read_bytes())
    prepared = prepare(table, question.recipe, _validation_table(question), start)
    if prepared.n_parameters > question.most_parameters:
        raise BadRecipe(
            f"the network would have {prepared.n_parameters:,} parameters; the limit is {question.most_parameters:,} "
            "(FEEDFORWARD_MAX_PARAMETERS). Use fewer or narrower layers.",
            ["network", "hidden"],
        )
    columns = [
        {"name": column.name, "type": column.type, "missing": int(column.missing.sum())} for column in table.values()
    ]
    warnings = [dict(warning) for warning in prepared.warnings]
    return TrainingPlan(prepared.recipe.to_json(), prepared.task, columns, prepared.n_parameters, warnings)


def _validation_table(question: TrainingCheck) -> Table | None:
    file = question.validation
    if file is None:
        return None
    try:
        return read_table(file.path, file.format, question.recipe.columns, question.limits)
    except (TableError, ModelError) as error:
        raise BadRecipe(f"the validation dataset can't be used: {error}", ["validation", "dataset"]) from error


def _check_columns(recipe: Recipe, names: list[str]) -> None:
    """Raises UnknownColumn for a label or a feature that is not among the names."""
    labels = [(recipe.label, ["label"])] if isinstance(recipe.label, str) else _placed(recipe.label, "label")
    for column, location in [*labels, *_placed(recipe.features or (), "features")]:
        if column not in names:
            raise UnknownColumn(column, names, location)


def _placed(columns: tuple[str, ...], field: str) -> list[tuple[str, list[str | int]]]:
    return [(column, [field, position]) for position, column in enumerate(columns)]
