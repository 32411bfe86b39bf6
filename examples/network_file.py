"""A network made elsewhere as the JSON that Feedforward imports. Needs NumPy and nothing else.

The form is described at /openapi.json of every server, as `NetworkFile`.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Json = dict[str, Any]
Layers = Sequence[tuple[Array, Array]]  # weight of shape (n_inputs, n_outputs), bias of shape (n_outputs,)


def number_features(names: Sequence[str], shift: Sequence[float] | Array, scale: Sequence[float] | Array) -> list[Json]:
    """Features that are numbers; the network reads (x − shift) / scale. Their ranges in training are not known."""
    unknown = {"fill": 0.0, "nullable": False, "minimum": None, "maximum": None}
    return [
        {"type": "number", "name": name, "shift": float(mean), "scale": float(width), **unknown}
        for name, mean, width in zip(names, shift, scale, strict=True)
    ]


def category_feature(name: str, levels: Sequence[str], nullable: bool = False) -> Json:
    """A text of which the network reads 1 for its level and 0 for others, and last 1 if it is missing and may be."""
    return {"type": "category", "name": name, "levels": list(levels), "nullable": nullable}


def one_class(name: str, classes: Sequence[Any], output: str) -> tuple[Json, list[Json]]:
    """One class out of several, in the order of the outputs; one sigmoid output is the probability of the second."""
    kind = "category" if isinstance(classes[0], str) else "boolean" if isinstance(classes[0], bool) else "number"
    target = {"task": "classification", "name": name, "classes": list(classes), "output": output}
    return target, [{"name": name, "type": kind, "classes": list(classes)}]


def several_labels(names: Sequence[str]) -> tuple[Json, list[Json]]:
    """Yes or no for each label, each by a sigmoid of its own."""
    target = {"task": "multilabel", "names": list(names), "output": "sigmoid"}
    return target, [{"name": name, "type": "boolean"} for name in names]


def numbers(names: Sequence[str], shift: float = 0.0, scale: float = 1.0) -> tuple[Json, list[Json]]:
    """Numbers; a caller reads y · scale + shift of what the network gives."""
    target = {"task": "regression", "names": list(names)}
    target |= {"shift": [shift] * len(names), "scale": [scale] * len(names)}
    return target, [{"name": name, "type": "number"} for name in names]


def network_file(
    layers: Layers, activations: Sequence[str], output: str, features: list[Json], target: tuple[Json, list[Json]]
) -> Json:
    """The whole file: `activations` of the hidden layers, `output` of the last one."""
    told, outputs = target
    names = [*(f"hidden.{k}" for k in range(len(layers) - 1)), "output"]
    # the mean of the inputs: 0 where they are standardised
    tensors = {"preprocessing.baseline": [0.0] * len(layers[0][0])}
    for name, (weight, bias) in zip(names, layers, strict=True):
        tensors |= {f"{name}.weight": weight.tolist(), f"{name}.bias": bias.tolist()}
    return {
        "form": 1,
        "network": {
            "hidden": [bias.size for _, bias in layers[:-1]],
            "activation": list(activations),
            "output": output,
            "dtype": str(np.result_type(*(weight for weight, _ in layers))),
        },
        "preprocessing": features,
        "target": told,
        "signature": {
            "features": [_signature_of(one) for one in features],
            "outputs": outputs,
        },
        "calibration": None,
        "tensors": tensors,
    }


def _signature_of(feature: Json) -> Json:
    told = {"name": feature["name"], "type": feature["type"], "nullable": feature["nullable"]}
    return told | {"categories": feature["levels"]} if feature["type"] == "category" else told


def send(network: Json, model: str, server: str = "http://127.0.0.1:8000") -> Json:
    """Import it as the next version of a model; returns the version."""
    return post(f"{server}/models/{model}/versions", network)


def predict(rows: Array, model: str, server: str = "http://127.0.0.1:8000") -> list[Json]:
    """What the server predicts of rows of raw numbers."""
    answer = post(f"{server}/predict", {"model": model, "inputs": rows.tolist()})
    return list(answer["predictions"])


def post(url: str, body: Json) -> Json:
    """Post JSON. Raises urllib's HTTPError, whose body says what is wrong."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        answer: Json = json.load(response)
    return answer
