"""BentoML with a service as in its documentation: a class with a typed method."""

import sys
from pathlib import Path

import bentoml
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from network import predictions


@bentoml.service(workers=1)
class Flowers:
    @bentoml.api
    def predict(self, inputs: list[list[float]]) -> list[dict]:
        return predictions(np.array(inputs))
