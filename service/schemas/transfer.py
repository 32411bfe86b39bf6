"""The record of an exported version, as it is validated when it is imported."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from service.schemas.names import Name
from service.schemas.strict import JsonObject, Request, Tags

MOST_POINTS = 10_000
# Compared and plotted, so plain numbers; other metrics may be lists: by class, by fold or a confusion matrix.
PLAIN_METRICS = {"rows", "loss", "accuracy", "f1_macro", "log_loss", "r2", "rmse", "mae"}


def _check_metrics(metrics: dict[str, Any]) -> dict[str, Any]:
    for name, value in metrics.items():
        is_list = isinstance(value, list) and all(isinstance(item, dict | list) for item in value)
        if not (value is None or type(value) in (int, float) or (is_list and name not in PLAIN_METRICS)):
            raise ValueError(f"`{name[:60]}` must be a number or null")
    return metrics


def _check_epochs(points: list[Point]) -> list[Point]:
    epochs = [point.epoch for point in points]
    if epochs != sorted(set(epochs)):
        raise ValueError("the epochs must rise")
    return points


def _parse_moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


MetricValues = Annotated[dict[str, Any], AfterValidator(_check_metrics)]
WholeNumber = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Metrics(Request):
    training: MetricValues | None
    validation: MetricValues | None


class Point(Request):
    """One epoch of the learning curve."""

    epoch: WholeNumber
    loss: float | None
    validation_loss: float | None
    learning_rate: float | None
    elapsed_seconds: float


class ExportedVersion(BaseModel):
    """An exported version. Fields that follow from the weights, or are not stored, are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, allow_inf_nan=False)

    model: Name
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    created_at: Annotated[AwareDatetime, BeforeValidator(_parse_moment)]
    weights_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    metrics: Metrics
    request: JsonObject | None
    dataset: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None
    split: JsonObject | None = None
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None
    environment: JsonObject
    duration_seconds: Annotated[float, Field(ge=0)] | None
    warnings: Annotated[list[JsonObject], Field(max_length=1000)]
    tags: Tags
    description: Annotated[str, Field(max_length=10_000)]
    notes: Annotated[str, Field(max_length=20_000)] = ""


class ExportRecord(BaseModel):
    """The file `version.json` of an export."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    form: Literal[1]
    version: ExportedVersion
    curve: Annotated[list[Point], Field(max_length=MOST_POINTS), AfterValidator(_check_epochs)] = []
