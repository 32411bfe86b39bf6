"""What a request may include beside predictions: explanations, intervals, activations, logits, top classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import ModelError
from models.inference.explanations import explain
from service.schemas.prediction import VersionPrediction
from service.serving.input_errors import invalid_input
from service.serving.served_version import Predicted, ServedVersion

Array = NDArray[Any]
Columns = Mapping[str, Sequence[Any]]
Fields = list[dict[str, Any]]
# Explaining a row takes as long as predicting some hundreds, and its response is as much longer.
MOST_ROWS = 1_000


def predictions_with_details(
    version: ServedVersion, predicted: Predicted, columns: Columns, body: VersionPrediction
) -> bytes:
    """The JSON list of the predictions with all that the body includes. Raises InvalidInput."""
    n_rows = len(predicted.values)
    if body.include and n_rows > MOST_ROWS:
        raise invalid_input(
            ("body", "include"), "too_long", f"this is available for at most {MOST_ROWS:,} rows a request"
        )
    predictions: Fields = orjson.loads(b"[%s]" % b",".join(version.write_rows(predicted.values)))
    if body.top_k is not None:
        _keep_likeliest(version, predictions, predicted.values, body.top_k)
    for name in dict.fromkeys(body.include):
        for prediction, fields in zip(predictions, _details(name, version, columns, body), strict=True):
            prediction |= fields
    return orjson.dumps(predictions)


def _details(name: str, version: ServedVersion, columns: Columns, body: VersionPrediction) -> Fields:
    try:
        return _DETAILS[name](version, columns, body)
    except ModelError as error:
        raise invalid_input(
            ("body", *(error.location or ["include"])), "not_available", error.message.rstrip(".")
        ) from None


def _keep_likeliest(version: ServedVersion, predictions: Fields, values: Array, k: int) -> None:
    if not version.view.classes:
        raise invalid_input(("body", "top_k"), "not_available", "only a classification has classes to choose from")
    texts = version.view.names
    likeliest = np.argsort(-values, axis=1, kind="stable")[:, :k].tolist()
    for prediction, places in zip(predictions, likeliest, strict=True):
        names = [texts[place] for place in places]
        prediction["probabilities"] = {name: prediction["probabilities"][name] for name in names}


def _explanations(version: ServedVersion, columns: Columns, body: VersionPrediction) -> Fields:
    """What each feature adds to the logit or raw value of each output, starting from the baseline."""
    explanation = explain(version.trained, columns)
    names, features = output_names(version), version.reader.names
    baseline = explanation.baseline.tolist()

    def of_row(values: list[float], contributions: list[list[float]]) -> dict[str, Any]:
        outputs = {
            name: {"baseline": start, "value": value, "contributions": dict(zip(features, parts, strict=True))}
            for name, start, value, parts in zip(names, baseline, values, contributions, strict=True)
        }
        return {"explanation": {"unit": explanation.unit, "method": explanation.method, "outputs": outputs}}

    return [of_row(*row) for row in zip(explanation.values.tolist(), explanation.contributions.tolist(), strict=True)]


def _intervals(version: ServedVersion, columns: Columns, body: VersionPrediction) -> Fields:
    return version.view.certainty(version.trained, columns, body.coverage)


def _activations(version: ServedVersion, columns: Columns, body: VersionPrediction) -> Fields:
    layers = [layer.astype(np.float64).tolist() for layer in version.trained.activations(columns)]
    return [{"activations": list(row)} for row in zip(*layers, strict=True)]


def _logits(version: ServedVersion, columns: Columns, body: VersionPrediction) -> Fields:
    names = output_names(version)
    rows = version.trained.logits(columns).astype(np.float64).tolist()
    return [{"logits": dict(zip(names, row, strict=True))} for row in rows]


_DETAILS: dict[str, Callable[[ServedVersion, Columns, VersionPrediction], Fields]] = {
    "explanations": _explanations,
    "intervals": _intervals,
    "activations": _activations,
    "logits": _logits,
}


def output_names(version: ServedVersion) -> list[str]:
    """The names of the network's own outputs; a single output of two classes has the second class's name."""
    return version.view.names[-version.trained.network.n_outputs :]
