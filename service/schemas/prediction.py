"""Requests for predictions, and predictions."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from service.schemas.names import NAME_PATTERN, ModelName
from service.schemas.strict import Request, ResponseSchema

NAME = re.compile(NAME_PATTERN.removesuffix("$") + r"\Z")
Extra = Literal["explanations", "intervals", "activations", "logits"]
ExtraColumns = Literal["reject", "ignore"]


def check_reference(value: Any) -> str | int | None:
    """A version's number as a number or text, an alias, or `latest`; raises ValueError."""
    if value is None or (type(value) is int and value >= 1) or (type(value) is str and NAME.match(value)):
        return value
    raise ValueError("this is a version's number, an alias or `latest`")


Reference = Annotated[
    str | int | None,
    BeforeValidator(check_reference),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": NAME_PATTERN},
                {"type": "null"},
            ],
            "default": None,
            "description": "A number, an alias or `latest`; by default `production`, or the newest without one.",
            "examples": [3, "production", "latest"],
        }
    ),
]
Row = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "array"}]})]


class VersionPrediction(Request):
    """A request for predictions of one version. Give exactly one of `inputs` and `columns`."""

    inputs: Annotated[
        list[Row] | None,
        Field(description="Rows: each an object by feature name, or a list in the order of the version's features."),
    ] = None
    columns: Annotated[
        dict[str, list[Any]] | None, Field(description="The fastest form for many rows: one list per feature.")
    ] = None
    include: list[Extra] = Field(
        default_factory=list, max_length=10, description="What to return beside the predictions."
    )
    coverage: Annotated[
        float, Field(gt=0, lt=1, description="The share of true values that `intervals` should cover.")
    ] = 0.9
    top_k: Annotated[int | None, Field(ge=1, description="Return only the k most likely classes.")] = None
    key: Annotated[
        str | None,
        Field(max_length=500, description="Requests with the same key always get the same version of a split."),
    ] = None

    @model_validator(mode="after")
    def _check_rows(self) -> VersionPrediction:
        if (self.inputs is None) == (self.columns is None):
            raise ValueError("give exactly one of `inputs` and `columns`")
        return self

    @property
    def is_plain(self) -> bool:
        """Whether only predictions are requested."""
        return not self.include and self.top_k is None


class ModelPrediction(VersionPrediction):
    """A request for predictions of a model, with an optional version."""

    version: Reference = None


class PredictionRequest(ModelPrediction):
    """A request for predictions that names the model, with an optional version."""

    model: ModelName


class OutputExplanation(ResponseSchema):
    """`baseline` and all `contributions` together are `value`, within 1e-6."""

    baseline: float
    value: float
    contributions: dict[str, float]


class Explanation(ResponseSchema):
    """The contribution of each feature to the logit or the raw value of each output."""

    unit: Literal["logit", "raw value"]
    method: Literal["shapley", "integrated gradients"]
    outputs: dict[str, OutputExplanation]


class Interval(ResponseSchema):
    """Contains the true value with the requested coverage; an end is null if there are too few held-out rows for it."""

    low: float | None
    high: float | None


class Extras(ResponseSchema):
    """Returned beside a prediction if `include` requests it."""

    explanation: Explanation | None = None
    activations: Annotated[
        list[list[float]] | None, Field(description="The values of each hidden layer, then the output's.")
    ] = None
    logits: Annotated[dict[str, float] | None, Field(description="The last layer before its activation.")] = None


class ClassPrediction(Extras):
    """Classification: the most likely class, of its JSON type in training, and each class's probability."""

    label: str | bool | int | float
    probabilities: dict[str, float]
    prediction_set: Annotated[
        list[str | bool | int | float] | None, Field(description="Contains the true value with the requested coverage.")
    ] = None


class LabelsPrediction(Extras):
    """Multi-label: yes or no for each label, and the probability of yes."""

    labels: dict[str, bool]
    probabilities: dict[str, float]


class ValuePrediction(Extras):
    """Regression with one output, in raw units."""

    value: float
    interval: Interval | None = None


class ValuesPrediction(Extras):
    """Regression with several outputs, in raw units."""

    values: dict[str, float]
    intervals: dict[str, Interval] | None = None


class InputWarning(ResponseSchema):
    """A warning about an input of a prediction."""

    code: Literal["outside-range", "unseen-category", "missing-filled"]
    row: int
    feature: str
    message: str


class PredictionAnswer(ResponseSchema):
    """One prediction for each input, in the order of the inputs. `warning_count` counts all warnings."""

    model: str
    version: int
    predictions: list[ClassPrediction | LabelsPrediction | ValuePrediction | ValuesPrediction]
    warnings: Annotated[list[InputWarning], Field(max_length=100)]
    warning_count: int = 0


class ShadowComparison(ResponseSchema):
    """Predictions of a version compared with its shadow's by the responding process, since it started."""

    model: str
    version: int
    shadow: int
    requests: int
    failed: Annotated[int, Field(description="Requests that the shadow could not answer comparably.")]
    skipped: Annotated[int, Field(description="Requests that were not compared because too many arrived at once.")]
    rows: int
    agreement: Annotated[
        float | None,
        Field(description="Share of rows for which both predict the same class or labels; null for numbers."),
    ]
    mean_difference: Annotated[float | None, Field(description="Mean of |difference| over all outputs and rows.")]
    milliseconds: Annotated[float | None, Field(description="Mean time of the version for a request.")]
    shadow_milliseconds: float | None
