"""Writes the network as an MLflow model into the folder of the first argument; `mlflow models serve` serves it."""

import sys
from pathlib import Path

import mlflow.pyfunc
import numpy as np

HERE = Path(__file__).parents[1]
sys.path.insert(0, str(HERE))


class Flowers(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        from network import predictions

        return predictions(np.asarray(model_input))


mlflow.pyfunc.save_model(sys.argv[1], python_model=Flowers(), code_paths=[str(HERE / "network.py")])
