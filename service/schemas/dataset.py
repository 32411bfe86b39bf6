"""Datasets as they are answered."""

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
    """What is in a column. Figures that `approximate` names are estimates: they were made in bounded memory."""

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
    """Something about the bytes that a reader should know."""

    code: str
    message: str


class Dataset(ResponseSchema):
    """Bytes that came in, immutable and known by their digest.

    `columns` is there when `state` is ready. While it is profiling, `progress` is the share of the file that was read.
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
    """Some of a dataset's rows as they were read, from `offset` on."""

    columns: list[str]
    rows: list[dict[str, Any]]
    offset: int
    total: int | None


class DatasetRename(Request):
    """A name, or null to take it away."""

    name: DatasetName | None
