"""POST /predict and its forms for the OpenAPI document; `predict.py` serves them, beside the router."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

from fastapi import APIRouter, Query

from service.schemas.names import ModelName, VersionReference
from service.schemas.prediction import (
    ExtraColumns,
    ModelPrediction,
    PredictionAnswer,
    PredictionRequest,
    VersionPrediction,
)

ExtraColumnsQuery = Annotated[
    ExtraColumns,
    Query(description="What to do with columns that the training table did not have: reject or ignore them."),
]
router = APIRouter(tags=["Predictions"])
SERVED_BY = {
    "Feedforward-Version": {
        "description": "The version that made the predictions.",
        "schema": {"type": "string"},
        "example": "iris/3",
    }
}
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": PredictionAnswer, "headers": SERVED_BY}}


@router.post("/predict", summary="Predict", responses=ANSWER, operation_id="predict")
def predict(request: PredictionRequest, extra_columns: ExtraColumnsQuery = "reject") -> PredictionAnswer:
    """Predict one result for each row, in the same order.

    `version` is a number, an alias or `latest`. Left out, it is the alias `production` if there is one, else the newest
    version. Send raw values: the version includes the preprocessing fitted in training. Rows of the table that it was
    trained on may be sent as they are, with the label and the columns that the version does not use.
    """
    _raise_served_elsewhere()


@router.post(
    "/models/{name}/predict", summary="Predict with a model", responses=ANSWER, operation_id="predict_with_model"
)
def predict_with_model(
    name: ModelName, request: ModelPrediction, extra_columns: ExtraColumnsQuery = "reject"
) -> PredictionAnswer:
    """Like `POST /predict`, with the model's name in the path."""
    _raise_served_elsewhere()


@router.post(
    "/models/{name}/versions/{ref}/predict",
    summary="Predict with a version",
    responses=ANSWER,
    operation_id="predict_with_version",
)
def predict_with_version(
    name: ModelName, ref: VersionReference, request: VersionPrediction, extra_columns: ExtraColumnsQuery = "reject"
) -> PredictionAnswer:
    """Like `POST /predict`, with model and version in the path."""
    _raise_served_elsewhere()


def _raise_served_elsewhere() -> NoReturn:
    raise AssertionError("predictions are served beside the router")
