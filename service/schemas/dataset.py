"""Datasets in requests and responses."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from service.schemas.names import DatasetName
from service.schemas.strict import JsonObject, Request, ResponseSchema, Time

DatasetState = Literal["profiling", "ready", "failed"]
DatasetFormat = Literal["csv", "parquet", "ndjson", "json", "arrow"]


class TopValue(ResponseSchema):
    """A value of a column and how many rows have it."""

    value: str | bool
    count: int


class Histogram(ResponseSchema):
    """`counts[i]` values lie from `edges[i]` to below `edges[i + 1]`; the last bin holds its upper edge too."""

    edges: list[float]
    counts: list[int]


class ColumnProfile(ResponseSchema):
    """The profile of a column. The fields that `approximate` names are estimates, computed in bounded memory."""

    name: str
    type: Literal["number", "boolean", "category", "date"]
    missing: int
    distinct: int
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    standard_deviation: float | None = None
    quantiles: dict[str, float] | None = None
    top_values: list[TopValue] = Field(default_factory=list)
    histogram: Histogram | None = None
    approximate: list[str] = Field(default_factory=list)


class DatasetWarning(ResponseSchema):
    """A warning about the data."""

    code: str
    message: str


class Dataset(ResponseSchema):
    """Uploaded bytes, immutable and identified by their digest.

    `columns` is present once `state` is ready. While it is profiling, `progress` is the share of the file read so far.
    """

    id: str
    name: str | None
    state: DatasetState
    format: str
    bytes: int
    progress: float | None = None
    rows: int | None
    columns: list[ColumnProfile] | None = None
    warnings: list[DatasetWarning]
    error: JsonObject | None
    created_at: Time
    links: dict[str, str]


class DatasetRows(ResponseSchema):
    """Some of a dataset's rows, from `offset` on."""

    columns: list[str]
    rows: list[dict[str, Any]]
    offset: int
    total: int | None


class DatasetRename(Request):
    """A new name, or null to remove the name."""

    name: DatasetName | None
