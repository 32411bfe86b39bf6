"""POST /predict and its forms as the OpenAPI document describes them; `predict.py` serves them, past the router."""

from __future__ import annotations

from typing import Any, NoReturn

from fastapi import APIRouter

from service.schemas.names import ModelName, VersionReference
from service.schemas.prediction import ModelPrediction, PredictionAnswer, PredictionRequest, VersionPrediction

router = APIRouter(tags=["Predictions"])
SERVED_BY = {
    "Feedforward-Version": {
        "description": "The version that answered.",
        "schema": {"type": "string"},
        "example": "iris/3",
    }
}
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": PredictionAnswer, "headers": SERVED_BY}}


@router.post("/predict", summary="Predict", responses=ANSWER, operation_id="predict")
def predict(request: PredictionRequest) -> PredictionAnswer:
    """Rows in, one prediction each out, in the same order.

    `version` is a number, an alias or `latest`; left out, the alias `production` answers where there is one, else the
    newest version. Values are raw: what the training learnt about scaling is part of the version.
    """
    _is_served_elsewhere()


@router.post(
    "/models/{name}/predict", summary="Predict with a model", responses=ANSWER, operation_id="predict_with_model"
)
def predict_with_model(name: ModelName, request: ModelPrediction) -> PredictionAnswer:
    """The same, with the model's name in the path."""
    _is_served_elsewhere()


@router.post(
    "/models/{name}/versions/{ref}/predict",
    summary="Predict with a version",
    responses=ANSWER,
    operation_id="predict_with_version",
)
def predict_with_version(name: ModelName, ref: VersionReference, request: VersionPrediction) -> PredictionAnswer:
    """The same, with model and version in the path."""
    _is_served_elsewhere()


def _is_served_elsewhere() -> NoReturn:
    raise AssertionError("predictions are served past the router")
