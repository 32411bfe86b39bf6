"""The inputs and outputs of a version in the terms of the protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.data.signature import FeatureSignature, Signature
from service.serving.output_view import tensor
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
        "outputs": version.view.tensors(),
    }


def model_configuration(version: ServedVersion) -> dict[str, Any]:
    """Shapes hold the number of rows themselves, so there is no batch dimension beside them."""
    return {
        "name": version.model,
        "platform": PLATFORM,
        "backend": "feedforward",
        "max_batch_size": 0,
        "version_policy": {"specific": {"versions": [version.number]}},
        "input": [_to_configuration(input_) for input_ in inputs_of(version.signature)],
        "output": [_to_configuration(output) for output in version.view.tensors()],
    }


def inputs_of(signature: Signature) -> list[TensorMetadata]:
    """One tensor where all features are numbers, else one a feature."""
    if signature.all_numbers:
        return [tensor(ALL_NUMBERS, "FP64", len(signature.features))]
    return [_feature(feature) for feature in signature.features]


def _feature(feature: FeatureSignature) -> TensorMetadata:
    return tensor(feature.name, FEATURE_TYPES[feature.type], 1)


def _to_configuration(metadata: TensorMetadata) -> dict[str, Any]:
    return {
        "name": metadata["name"],
        "data_type": _configuration_type(metadata["datatype"]),
        "dims": metadata["shape"],
    }


def _configuration_type(datatype: str) -> str:
    return "TYPE_STRING" if datatype == "BYTES" else f"TYPE_{datatype}"
