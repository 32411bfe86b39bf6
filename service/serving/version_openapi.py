"""The exact OpenAPI document of one version's predictions, with an example that works."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import TypeAdapter

from models.data.dates import EXAMPLE_DAY, written_date
from models.data.reading.written_forms import written_example
from models.data.signature import FeatureSignature, Signature
from service.media_types import JSON
from service.schemas.prediction import ExtraColumns, PredictionAnswer, VersionPrediction
from service.serving.input_types import columns_type, row_type
from service.serving.served_version import ServedVersion

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
EXTRA_COLUMNS = {
    "name": "extra_columns",
    "in": "query",
    "description": "What to do with columns that the training table did not have: reject or ignore them.",
    "schema": {"type": "string", "enum": list(get_args(ExtraColumns)), "default": "reject"},
}


def version_document(version: ServedVersion) -> Schema:
    """An OpenAPI document whose one operation is the version's prediction."""
    path = f"/models/{version.model}/versions/{version.number}/predict"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{version.model}, version {version.number}",
            "version": str(version.number),
            "description": f"Predicts {_outputs_text(version.signature)} ({version.task}).",
        },
        "paths": {path: {"post": _operation(version)}},
        "components": {"schemas": _schemas(version)},
    }


def example(version: ServedVersion) -> Schema:
    """A request with one row from the middle of the training ranges."""
    return {"inputs": [{feature.name: _example_value(feature) for feature in version.signature.features}]}


def _operation(version: ServedVersion) -> Schema:
    request = {"schema": {"$ref": REFERENCE.format(model="Request")}, "example": example(version)}
    answer = {"schema": {"$ref": REFERENCE.format(model="Answer")}}
    served_by = {"schema": {"type": "string"}, "example": f"{version.model}/{version.number}"}
    success = {"description": "One prediction for each row.", "content": {JSON: answer}}
    return {
        "operationId": "predict",
        "summary": f"Predict {_outputs_text(version.signature)}",
        "tags": ["Predictions"],
        "parameters": [EXTRA_COLUMNS],
        "requestBody": {"required": True, "content": {JSON: request}},
        "responses": {
            "200": success | {"headers": {"Feedforward-Version": served_by}},
            "422": {"description": "A value is missing, unknown or of another type; `errors` says where."},
            "default": {"description": "Any other problem (RFC 9457)."},
        },
    }


def _schemas(version: ServedVersion) -> dict[str, Schema]:
    ignored = version.signature.ignored or ()
    request = TypeAdapter(VersionPrediction).json_schema(ref_template=REFERENCE)
    rows = TypeAdapter(row_type(version.signature, ignored)).json_schema(ref_template=REFERENCE)
    columns = TypeAdapter(columns_type(version.signature, ignored)).json_schema(ref_template=REFERENCE)
    answer = TypeAdapter(PredictionAnswer).json_schema(ref_template=REFERENCE, mode="serialization")
    schemas = rows.pop("$defs", {}) | columns.pop("$defs", {}) | answer.pop("$defs", {}) | request.pop("$defs", {})
    request["properties"]["inputs"] = {"type": "array", "minItems": 1, "items": rows}
    request["properties"]["columns"] = columns
    request["oneOf"] = [{"required": ["inputs"]}, {"required": ["columns"]}]
    answer["properties"]["predictions"]["items"] = version.view.json_schema()
    unused = {"ClassPrediction", "LabelsPrediction", "ValuePrediction", "ValuesPrediction"}
    kept = {name: schema for name, schema in schemas.items() if name not in unused}
    return kept | {"Request": request | {"title": "Request"}, "Answer": answer | {"title": "Answer"}}


def _outputs_text(signature: Signature) -> str:
    return ", ".join(output.name for output in signature.outputs[:5])


def _example_value(feature: FeatureSignature) -> Any:
    if feature.type == "number":
        return written_example(feature, _middle(feature.minimum, feature.maximum))
    if feature.type == "category":
        return next(iter(feature.categories or ()), "")
    return True if feature.type == "boolean" else written_date(EXAMPLE_DAY, feature.format)


def _middle(low: float | None, high: float | None) -> float:
    """A short number between them."""
    if low is None or high is None:
        return 0.0
    middle = low / 2 + high / 2
    short = float(f"{middle:.3g}")
    return short if low <= short <= high else middle
