"""Versions of one model side by side."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from service.schemas.job import CurvePoint
from service.schemas.names import VersionReference
from service.schemas.strict import JsonObject, Request, ResponseSchema, Time

MOST_VERSIONS = 10


class ComparedVersion(ResponseSchema):
    """One version, with its learning curve thinned to 200 epochs."""

    version: int
    created_at: Time
    aliases: list[str]
    task: str
    dataset: str | None
    seed: int | None
    duration_seconds: float | None
    weights_bytes: int
    warnings: list[JsonObject]
    curve: list[CurvePoint]
    links: dict[str, str]


class ComparedMetric(ResponseSchema):
    """One metric of every version, in their order; `best` is the version with the best value, null for a tie."""

    part: Literal["training", "validation"]
    metric: str
    values: list[float | None]
    best: int | None


class ComparedSetting(ResponseSchema):
    """One setting of the versions' training requests, in the order of the versions; null if a request lacks it."""

    setting: str
    values: list[Any]
    differs: bool


class Comparison(ResponseSchema):
    """Versions side by side; the metrics are directly comparable only if `same_dataset` is true."""

    model: str
    versions: list[ComparedVersion]
    same_dataset: bool
    metrics: list[ComparedMetric]
    settings: list[ComparedSetting]


class ComparisonRequest(Request):
    """The versions to compare on the same rows; the others are compared with the first."""

    versions: Annotated[
        list[VersionReference | Annotated[int, Field(ge=1)]], Field(min_length=2, max_length=MOST_VERSIONS)
    ]
