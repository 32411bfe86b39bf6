"""What a version takes and gives, in the protocol's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from models.data.signature import FeatureSignature, Signature
from models.specification import TaskName
from service.serving.served_version import ServedVersion

PLATFORM = "feedforward_numpy"
EXTENSIONS = ("binary_tensor_data", "classification", "model_configuration", "model_repository", "statistics")
ALL_NUMBERS = "inputs"
FEATURE_TYPES = {"number": "FP64", "boolean": "BOOL", "category": "BYTES", "date": "BYTES"}
TensorMetadata = dict[str, Any]


def server_metadata(release: str) -> dict[str, Any]:
    return {"name": "feedforward", "version": release, "extensions": EXTENSIONS}


def model_metadata(version: ServedVersion, numbers: Sequence[int]) -> dict[str, Any]:
    """`numbers` are the model's live versions."""
    return {
        "name": version.model,
        "versions": [str(number) for number in numbers],
        "platform": PLATFORM,
        "inputs": inputs_of(version.signature),
        "outputs": outputs_of(version.task, version.signature),
    }


def model_configuration(version: ServedVersion) -> dict[str, Any]:
    """Shapes hold the number of rows themselves, so there is no batch dimension beside them."""
    return {
        "name": version.model,
        "platform": PLATFORM,
        "backend": "feedforward",
        "max_batch_size": 0,
        "version_policy": {"specific": {"versions": [version.number]}},
        "input": [_configured(one) for one in inputs_of(version.signature)],
        "output": [_configured(one) for one in outputs_of(version.task, version.signature)],
    }


def inputs_of(signature: Signature) -> list[TensorMetadata]:
    """One tensor where all features are numbers, else one a feature."""
    if signature.all_numbers:
        return [_tensor(ALL_NUMBERS, "FP64", len(signature.features))]
    return [_feature(feature) for feature in signature.features]


def _feature(feature: FeatureSignature) -> TensorMetadata:
    return _tensor(feature.name, FEATURE_TYPES[feature.type], 1)


def outputs_of(task: TaskName, signature: Signature) -> list[TensorMetadata]:
    """In the order in which they are answered."""
    names = [output.name for output in signature.outputs]
    if task == "regression":
        return [_tensor("predictions", "FP64", len(names)) | {"parameters": {"names": _text(names)}}]
    if task == "multilabel":
        order = {"parameters": {"names": _text(names)}}
        return [_tensor("probabilities", "FP64", len(names)) | order, _tensor("labels", "BOOL", len(names)) | order]
    classes = signature.outputs[0].classes or ()
    order = {"parameters": {"classes": _text(classes)}}
    threshold = signature.outputs[0].threshold
    told = {} if threshold is None else {"parameters": {"threshold": threshold}}
    return [_tensor("probabilities", "FP64", len(classes)) | order, _tensor("label", "BYTES", 1) | told]


def n_values(signature: Signature) -> int:
    """Numbers that the network tells for each row."""
    classes = signature.outputs[0].classes
    return len(signature.outputs) if classes is None else len(classes)


def _tensor(name: str, datatype: str, width: int) -> TensorMetadata:
    return {"name": name, "datatype": datatype, "shape": [-1, width]}


def _text(values: Sequence[Any]) -> str:
    """Parameters hold no lists in this protocol, so the order is told as the text of a JSON list."""
    return orjson.dumps(list(values)).decode()


def _configured(tensor: TensorMetadata) -> dict[str, Any]:
    return {"name": tensor["name"], "data_type": _configured_type(tensor["datatype"]), "dims": tensor["shape"]}


def _configured_type(datatype: str) -> str:
    return "TYPE_STRING" if datatype == "BYTES" else f"TYPE_{datatype}"
