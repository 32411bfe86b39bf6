"""How the columns of a table are written: kept with the recipe and the features, to read them so ever after."""

from collections.abc import Container, Sequence
from dataclasses import replace

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Column, Table
from models.data.features import Preprocessing
from models.data.reading.numbers import looks_like_number
from models.data.reading.options import ReadingOptions
from models.data.reading.table import is_notable
from models.errors import BadLabel, shorten
from models.specification import Recipe

FEWEST_NUMBERS = 20


def with_readings(recipe: Recipe, table: Table) -> Recipe:
    """The recipe with what was found about the columns that it uses; what is written plainly needs no word."""
    used = [*(recipe.features or ()), *recipe.labels, recipe.training.sample_weight, recipe.validation.column]
    columns = [table[name] for name in used if name is not None and name in table]
    found = {column.name: column.reading for column in columns if column.reading is not None and is_notable(column)}
    return replace(recipe, columns={**recipe.columns, **found})


def as_written(preprocessing: Preprocessing, recipe: Recipe, nullable: Container[str]) -> Preprocessing:
    """The preprocessing that reads texts as the table was written, and takes missing values of the `nullable` features.

    What was stored for the first reader keeps its rules.
    """
    if ReadingOptions.of(recipe).reader == 1:
        return preprocessing
    return preprocessing.with_readings(recipe.columns, nullable)


def names_with_missing(names: Sequence[str], *tables: Table | None) -> set[str]:
    """Those of these columns in which any row that was sent misses its value."""
    present = [table for table in tables if table is not None]
    return {name for table in present for name in names if name in table and table[name].missing.any()}


def reading_warnings(table: Table, names: Sequence[str]) -> list[CodedWarning]:
    """What the caller should know about how these columns were read; a named index is not left out, so nothing."""
    warnings = (warning for name in names for warning in table[name].warnings)
    return [warning for warning in warnings if warning.code != WarningCode.INDEX_COLUMN]


def check_label_reading(labels: Sequence[Column], recipe: Recipe) -> None:
    """Raises BadLabel for texts most of which are numbers to people: as classes they would be hundreds."""
    if recipe.task is not None or ReadingOptions.of(recipe).reader == 1:
        return
    for column in labels:
        if column.type != "category" or column.name in recipe.columns or column.warnings:
            continue
        texts = sorted(set(column.values[~column.missing].tolist()))
        numbers = [text for text in texts if looks_like_number(text)]
        if len(numbers) >= FEWEST_NUMBERS and 2 * len(numbers) > len(texts):
            raise BadLabel(_mixed_label(column.name, numbers, texts))


def _mixed_label(name: str, numbers: Sequence[str], texts: Sequence[str]) -> str:
    other = next((text for text in texts if not looks_like_number(text)), numbers[-1])
    return (
        f"{name!r} holds {len(numbers)} different numbers such as {shorten(numbers[0], 40)}, which are not all written "
        f"in one form, as {shorten(other, 40)} is not; write all like 1234.5, name texts that stand for no value in "
        f'{{"columns": {{"{name}": {{"missing_values": […]}}}}}}, or set task "classification" to predict the texts'
    )
