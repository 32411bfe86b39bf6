"""The body of `POST /train`: a recipe for a network, the data to train on, and what to do with the version."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from models.data.reading.options import CURRENT_READER
from models.specification import (
    ByShape,
    ColumnOverride,
    NetworkSpecification,
    Recipe,
    Scaling,
    SearchSpecification,
    TaskName,
    ThresholdMetric,
    TrainingSpecification,
    ValidationSpecification,
)
from service.schemas.names import LONGEST_COLUMN_NAME, AliasName, ModelName, Name, VersionReference
from service.schemas.strict import JsonObject, Request, ResponseSchema, Tags, in_utc

DATASET_PATTERN = r"^(sha256:[0-9a-f]{64}|[a-z0-9][a-z0-9._-]{0,62})$"

ZonedMoment = Annotated[AwareDatetime, AfterValidator(in_utc)]
Cell = bool | int | float | str | None
ColumnName = Annotated[str, Field(min_length=1, max_length=LONGEST_COLUMN_NAME)]
DatasetReference = Annotated[str, Field(pattern=DATASET_PATTERN, examples=["flowers", "sha256:…"])]


class InlineRows(Request):
    """A table as a list of objects; a name that an object does not have is a missing value."""

    rows: Annotated[list[dict[str, Cell]], Field(min_length=1)]


class InlineColumns(Request):
    """A table as a list of values for each column, all of the same length."""

    columns: Annotated[dict[str, list[Cell]], Field(min_length=1)]


class StoredData(Request):
    """A stored dataset, by its name or its digest."""

    dataset: DatasetReference


class PromoteIf(Request):
    """Move the alias only if the new version's metric is better than that of an existing version."""

    metric: Annotated[str, Field(min_length=1, max_length=100, examples=["validation_loss"])]
    better_than: VersionReference


class RecipeOf(Request):
    """The version whose recipe a training follows."""

    model: ModelName
    version: Annotated[int, Field(ge=1)]


class TrainSpecification(Request):
    """The part `spec` of a form with a file: everything but the data. Choices left out have defaults."""

    model: ModelName
    label: Annotated[ColumnName | Annotated[tuple[ColumnName, ...], Field(min_length=1)], ByShape()]
    features: Annotated[tuple[ColumnName, ...], Field(min_length=1)] | None = None
    task: TaskName | None = None
    network: NetworkSpecification = NetworkSpecification()
    training: TrainingSpecification = TrainingSpecification()
    validation: ValidationSpecification = ValidationSpecification()
    scaling: Scaling = "standard"
    columns: dict[str, ColumnOverride] = Field(default_factory=dict)
    missing_values: Annotated[
        tuple[Annotated[str, Field(max_length=100)], ...] | None,
        Field(
            max_length=100,
            description="The texts that stand for no value, in all columns that have no `missing_values` of their own. "
            "The empty cell is missing in any case.",
        ),
    ] = None
    header: Annotated[
        bool | None,
        Field(description="Whether a CSV file's first row names its columns; left out, the row itself decides."),
    ] = None
    reader: Annotated[
        Literal[1, 2],
        Field(description="The version of the rules by which data is read; an earlier one is for earlier trainings."),
    ] = CURRENT_READER
    search: SearchSpecification | None = None
    threshold: Annotated[
        Annotated[Annotated[float, Field(gt=0, lt=1)] | ThresholdMetric, ByShape()] | None,
        Field(
            description="With two classes, the second (by name) is predicted from this probability on; `f1` or "
            "`balanced_accuracy` choose it on the held-out rows. By default the likelier class is predicted."
        ),
    ] = None
    alias: AliasName | None = None
    promote_if: PromoteIf | None = None
    retrained_from: Annotated[RecipeOf | None, Field(description="Set by `retrain`; it changes nothing.")] = None
    tags: Tags = Field(default_factory=dict)
    description: Annotated[str, Field(max_length=10_000)] = ""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    not_before: ZonedMoment | None = None

    @model_validator(mode="after")
    def _check_alias(self) -> TrainSpecification:
        if self.promote_if is not None and self.alias is None:
            raise ValueError("promote_if needs the `alias` to move")
        return self

    def recipe(self) -> Recipe:
        """The part of the specification for the network library."""
        return Recipe(**{field.name: getattr(self, field.name) for field in fields(Recipe)})

    def registry_part(self) -> JsonObject:
        """The part of the specification for the registry, all that is not in the recipe, as plain JSON."""
        of_recipe = {field.name for field in fields(Recipe)}
        return self.model_dump(mode="json", exclude=of_recipe)


class TrainRequest(TrainSpecification):
    """The body of `POST /train` as JSON."""

    data: InlineRows | InlineColumns | StoredData


class InferredColumn(ResponseSchema):
    """The inferred type of a column of the data."""

    name: str
    type: Literal["number", "boolean", "category", "date"]
    missing: int


class DryRun(ResponseSchema):
    """What a training would do; nothing was started or stored."""

    request: JsonObject
    task: str
    columns: list[InferredColumn]
    n_parameters: int
    warnings: list[dict[str, Any]]


__all__ = ["DATASET_PATTERN", "DatasetReference", "DryRun", "Name", "TrainRequest", "TrainSpecification"]
