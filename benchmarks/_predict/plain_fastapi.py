"""An endpoint as FastAPI's tutorial writes it: body and response models, as most services are written."""

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


class Asked(BaseModel):
    model: str
    version: str
    inputs: list[Flower]


class Prediction(BaseModel):
    label: str
    probabilities: dict[str, float]


class Answer(BaseModel):
    model: str
    version: int
    predictions: list[Prediction]
    warnings: list[str]


app = FastAPI()


@app.post("/predict")
async def predict(asked: Asked) -> Answer:
    rows = [[one.sepal_length, one.sepal_width, one.petal_length, one.petal_width] for one in asked.inputs]
    told = [Prediction(**one) for one in predictions(np.array(rows))]
    return Answer(model=asked.model, version=1, predictions=told, warnings=[])


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
