"""Prediction logs, feedback, drift, live metrics and alerts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from service.schemas.strict import JsonObject, Request, ResponseSchema, Time

DriftState = Literal["stable", "moderate", "drifted"]
MetricName = Literal[
    "accuracy",
    "balanced_accuracy",
    "precision_macro",
    "recall_macro",
    "f1_macro",
    "precision_weighted",
    "recall_weighted",
    "f1_weighted",
    "roc_auc",
    "log_loss",
    "calibration_error",
    "hamming_loss",
    "r2",
    "rmse",
    "mae",
    "mse",
]
RuleName = Literal["psi", "live_metric"]


class PredictionLogSettings(Request):
    """How many predictions of a model are logged, and for how long."""

    sample: Annotated[float, Field(ge=0, le=1, description="The share of rows that is logged; 0 pauses the log.")]
    keep_days: Annotated[float, Field(gt=0, le=3650, description="Older rows are deleted.")] = 30
    keep_rows: Annotated[
        int, Field(ge=1, le=1_000_000, description="Beyond this number, the oldest rows are deleted.")
    ] = 100_000


class PredictionLog(ResponseSchema):
    """The log of a model's predictions; `rows` is its current number of rows."""

    model: str
    sample: float
    keep_days: float
    keep_rows: int
    rows: int
    updated_at: Time
    updated_by: str


class LoggedPrediction(ResponseSchema):
    """One logged prediction, and its true label if it was sent."""

    at: Time
    version: int
    request: Annotated[str, Field(description="The `X-Request-ID` of the response.")]
    row: Annotated[int, Field(description="The row of that request, counted from 0.")]
    inputs: JsonObject
    prediction: JsonObject
    label: Any = None
    labelled_at: Time | None = None
    labels: Annotated[int, Field(description="How often the row was labelled; the last label wins.")] = 0


class FeedbackItem(Request):
    """The true label of a row that was predicted."""

    request: Annotated[str, Field(min_length=1, max_length=128, description="The `X-Request-ID` of the response.")]
    row: Annotated[int, Field(ge=0, lt=2**63)] = 0
    label: Annotated[Any, Field(description="A class, a number, or an object with a value for each output.")]


class Feedback(Request):
    items: Annotated[list[FeedbackItem], Field(min_length=1, max_length=10_000)]


class UnmatchedLabel(ResponseSchema):
    request: str
    row: int


class FeedbackResult(ResponseSchema):
    """How many labels were stored. `unmatched_items` lists the first labels whose predictions are not in the log."""

    received: int
    matched: int
    replaced: Annotated[int, Field(description="How many of the matched rows already had a label.")]
    unmatched: int
    unmatched_items: Annotated[list[UnmatchedLabel], Field(max_length=20)]


class Share(ResponseSchema):
    """One bin of a distribution, with the shares of rows that training and live predictions have in it."""

    name: str
    training: float
    live: float


class KolmogorovSmirnov(ResponseSchema):
    statistic: float
    p_value: float


class NewCategory(ResponseSchema):
    value: str
    rows: int


class Drift(ResponseSchema):
    """How far the live values of a feature or output differ from those of training."""

    name: str
    type: Literal["number", "boolean", "category", "date"]
    state: DriftState
    sentence: str
    psi: Annotated[float, Field(description="Population stability index over `bins`.")]
    psi_by_chance: Annotated[float, Field(description="A smaller value is no sign of drift with so few rows.")]
    ks: Annotated[
        KolmogorovSmirnov | None, Field(description="The two-sample statistic; null if the values have no order.")
    ]
    training_missing: float
    live_missing: float
    training_mean: float | None = None
    live_mean: float | None = None
    new_categories: Annotated[
        list[NewCategory], Field(description="Values never seen in training, with their numbers of rows.")
    ]
    bins: list[Share]


class DriftReport(ResponseSchema):
    """Live predictions of a version against the data that it was trained on."""

    model: str
    version: int
    state: Annotated[DriftState | None, Field(description="The worst of all; null if there are too few rows.")]
    sentence: str
    rows: int
    rows_needed: Annotated[int, Field(description="How many more rows are needed; 0 if there are enough.")]
    first_at: Time | None
    last_at: Time | None
    training_rows: Annotated[int, Field(description="Training rows used for the comparison.")]
    features: list[Drift]
    predictions: list[Drift]


class LiveBucket(ResponseSchema):
    """A period of time: its number of logged rows, and the metrics of the labelled ones."""

    start: Time
    end: Time
    rows: int
    labelled: int
    metrics: dict[str, float | None]


class LiveVersion(ResponseSchema):
    """The live metrics of a version, beside those of its validation."""

    version: int
    rows: int
    labelled: int
    metrics: dict[str, float | None]
    validation: dict[str, float | None]
    buckets: list[LiveBucket]


class LiveMetrics(ResponseSchema):
    model: str
    start: Time
    end: Time
    complete: Annotated[bool, Field(description="False if only the newest labels of the window were counted.")]
    versions: list[LiveVersion]


class MetricRule(Request):
    """A live metric that must not fall below `minimum` or rise above `maximum`."""

    metric: MetricName
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="after")
    def _check_limit(self) -> MetricRule:
        if (self.minimum is None) == (self.maximum is None):
            raise ValueError("give exactly one of `minimum` and `maximum`")
        return self


class AlertRules(Request):
    """When to raise an alarm about live predictions."""

    psi: Annotated[
        float | None, Field(gt=0, description="Alert when the PSI of any feature or prediction reaches this value.")
    ] = None
    live_metric: MetricRule | None = None
    window_hours: Annotated[float, Field(gt=0, le=24 * 365, description="How far back each check looks.")] = 24

    @model_validator(mode="after")
    def _check_any(self) -> AlertRules:
        if self.psi is None and self.live_metric is None:
            raise ValueError("give `psi`, `live_metric` or both")
        return self


class AlertState(ResponseSchema):
    """The state of a rule for a version at the last check; `since` is when that state began."""

    version: int
    rule: RuleName
    alarm: bool
    since: Time
    sentence: str


class Alerts(ResponseSchema):
    model: str
    psi: float | None
    live_metric: MetricRule | None
    window_hours: float
    states: list[AlertState]
    checked_at: Time | None
    updated_at: Time
    updated_by: str
