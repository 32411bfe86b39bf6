"""An endpoint as in FastAPI's tutorial, with models of body and response, as most services have them."""

import sys

import numpy as np
import uvicorn
from fastapi import FastAPI
from network import predictions
from pydantic import BaseModel


class Flower(BaseModel):
    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


class PredictionRequest(BaseModel):
    model: str
    version: str
    inputs: list[Flower]


class Prediction(BaseModel):
    label: str
    probabilities: dict[str, float]


class PredictionResponse(BaseModel):
    model: str
    version: int
    predictions: list[Prediction]
    warnings: list[str]


app = FastAPI()


@app.post("/predict")
async def predict(request: PredictionRequest) -> PredictionResponse:
    rows = [
        [flower.sepal_length, flower.sepal_width, flower.petal_length, flower.petal_width] for flower in request.inputs
    ]
    results = [Prediction(**prediction) for prediction in predictions(np.array(rows))]
    return PredictionResponse(model=request.model, version=1, predictions=results, warnings=[])


uvicorn.run(
    app,
    port=int(sys.argv[1]),
    http="httptools",
    loop="uvloop",
    lifespan="off",
    access_log=False,
    server_header=False,
    log_level="warning",
)
