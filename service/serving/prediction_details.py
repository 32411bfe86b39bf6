"""What may be told beside a prediction. Nothing here runs unless it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import ModelError
from models.inference.explanations import explain
from service.schemas.prediction import VersionPrediction
from service.serving.input_errors import fault
from service.serving.served_version import Predicted, ServedVersion

Array = NDArray[Any]
Columns = Mapping[str, Sequence[Any]]
Fields = list[dict[str, Any]]
# Explaining a row takes as long as predicting some hundreds, and its answer is as much longer.
MOST_ROWS = 1_000


def predictions_with_extras(
    version: ServedVersion, predicted: Predicted, columns: Columns, asked: VersionPrediction
) -> bytes:
    """The JSON list of the predictions with all that `asked` includes. Raises InvalidInput."""
    n_rows = len(predicted.values)
    if asked.include and n_rows > MOST_ROWS:
        raise fault(("body", "include"), "too_long", f"this is told of at most {MOST_ROWS:,} rows a request")
    predictions: Fields = orjson.loads(b"[%s]" % b",".join(version.write_rows(predicted.values)))
    if asked.top_k is not None:
        _keep_likeliest(version, predictions, predicted.values, asked.top_k)
    for name in dict.fromkeys(asked.include):
        for prediction, fields in zip(predictions, _told(name, version, columns, asked), strict=True):
            prediction |= fields
    return orjson.dumps(predictions)


def _told(name: str, version: ServedVersion, columns: Columns, asked: VersionPrediction) -> Fields:
    try:
        return _EXTRAS[name](version, columns, asked)
    except ModelError as error:
        raise fault(("body", *(error.location or ["include"])), "not_available", error.message.rstrip(".")) from None


def _keep_likeliest(version: ServedVersion, predictions: Fields, values: Array, k: int) -> None:
    if not version.view.classes:
        raise fault(("body", "top_k"), "not_available", "only a classification has classes to choose from")
    texts = version.view.names
    for prediction, best in zip(predictions, np.argsort(-values, axis=1, kind="stable")[:, :k].tolist(), strict=True):
        prediction["probabilities"] = {texts[one]: prediction["probabilities"][texts[one]] for one in best}


def _explanations(version: ServedVersion, columns: Columns, asked: VersionPrediction) -> Fields:
    """What each feature added to the logit or raw value of each output, from the baseline on."""
    explained = explain(version.trained, columns)
    names, features = output_names(version), version.reader.names
    baseline = explained.baseline.tolist()

    def of_row(values: list[float], contributions: list[list[float]]) -> dict[str, Any]:
        outputs = {
            name: {"baseline": start, "value": value, "contributions": dict(zip(features, parts, strict=True))}
            for name, start, value, parts in zip(names, baseline, values, contributions, strict=True)
        }
        return {"explanation": {"unit": explained.unit, "method": explained.method, "outputs": outputs}}

    return [of_row(*row) for row in zip(explained.values.tolist(), explained.contributions.tolist(), strict=True)]


def _intervals(version: ServedVersion, columns: Columns, asked: VersionPrediction) -> Fields:
    return version.view.certainty(version.trained, columns, asked.coverage)


def _activations(version: ServedVersion, columns: Columns, asked: VersionPrediction) -> Fields:
    layers = [layer.astype(np.float64).tolist() for layer in version.trained.activations(columns)]
    return [{"activations": list(row)} for row in zip(*layers, strict=True)]


def _logits(version: ServedVersion, columns: Columns, asked: VersionPrediction) -> Fields:
    names = output_names(version)
    rows = version.trained.logits(columns).astype(np.float64).tolist()
    return [{"logits": dict(zip(names, row, strict=True))} for row in rows]


_EXTRAS: dict[str, Callable[[ServedVersion, Columns, VersionPrediction], Fields]] = {
    "explanations": _explanations,
    "intervals": _intervals,
    "activations": _activations,
    "logits": _logits,
}


def output_names(version: ServedVersion) -> list[str]:
    """Of the network's own outputs; a single one of two classes is the second class's."""
    return version.view.names[-version.trained.network.n_outputs :]
