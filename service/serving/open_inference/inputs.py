"""Tensors to the rows of one version: one tensor of all features, or one a feature."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.signature import FeatureSignature
from service.problems import Location, did_you_mean
from service.serving.open_inference.metadata import ALL_NUMBERS, inputs_of
from service.serving.open_inference.requests import InferenceRequest
from service.serving.open_inference.tensors import Tensor
from service.serving.open_inference.wire_types import DATATYPES, BadInference
from service.serving.reading.column_reader import ColumnReader
from service.serving.served_version import ServedVersion, are_finite

Array = NDArray[Any]
ROOT = ("inputs",)


def predict(version: ServedVersion, request: InferenceRequest) -> Array:
    """float64 of shape (n_rows, n_values). Raises BadInference."""
    reader = version.reader
    tensors = {tensor.name: tensor for tensor in request.inputs} if request.raw is None else _raw(version, request.raw)
    tensors = {name: tensor for name, tensor in tensors.items() if name == ALL_NUMBERS or not reader.ignores(name)}
    if reader.all_numbers and set(tensors) == {ALL_NUMBERS}:
        return version.values_of_matrix(_matrix(version, tensors[ALL_NUMBERS]), ROOT)
    columns = _columns(version, tensors)
    if not len(columns[0]):
        return np.empty((0, len(version.view.names)))
    if reader.all_numbers:
        return version.values_of_matrix(np.column_stack(columns), ROOT)
    return version.values_of_columns(columns, ROOT)


def _raw(version: ServedVersion, content: memoryview) -> dict[str, Tensor]:
    """The one input of a raw request, with as many rows as the bytes are."""
    [*inputs] = inputs_of(version.signature)
    if len(inputs) != 1 or inputs[0]["datatype"] == "BYTES":
        raise BadInference("A raw request needs a model with one input of numbers; send the inputs by name.")
    datatype, width = DATATYPES[inputs[0]["datatype"]], inputs[0]["shape"][1]
    if not len(content) or len(content) % (datatype.size * width):
        raise BadInference(f"The body is not rows of {width} elements of {datatype.name}.")
    values = datatype.from_bytes(content)
    return {inputs[0]["name"]: Tensor(inputs[0]["name"], datatype, (values.size // width, width), values)}


def _matrix(version: ServedVersion, tensor: Tensor) -> Array:
    width = len(version.reader.names)
    if len(tensor.shape) != 2 or tensor.shape[1] != width:
        raise BadInference(f"Input `{ALL_NUMBERS}` must have the shape [rows, {width}], not {list(tensor.shape)}.")
    values, missing = _numbers(tensor)
    if missing is not None:
        for position, feature in enumerate(version.signature.features):
            _check_missing(feature, missing[position::width])
    return _without_tokens(version, values.reshape(tensor.shape))


def _without_tokens(version: ServedVersion, matrix: Array) -> Array:
    """The numbers, NaN for those that stand for a missing value."""
    forms = [(position, reader) for position, reader in enumerate(version.reader.columns) if reader.has_form]
    if not forms:
        return matrix
    matrix = matrix.astype(np.float64)
    for position, reader in forms:
        matrix[:, position] = reader.read(matrix[:, position], partial(_place, reader.feature.name))
    return matrix


def _columns(version: ServedVersion, tensors: dict[str, Tensor]) -> list[Any]:
    """The values of each feature, in their order."""
    names = version.reader.names
    for name in tensors:
        if name not in names:
            raise BadInference(f"The model has no input `{name}`.{did_you_mean(name, names)}")
    missing = [name for name in names if name not in tensors]
    if missing:
        raise BadInference(f"The input `{missing[0]}` is missing.")
    rows = {tensor.shape[0] if tensor.shape else -1 for tensor in tensors.values()}
    if len(rows) != 1:
        raise BadInference("All inputs must have the same number of rows.")
    return [_column(reader, tensors[reader.feature.name]) for reader in version.reader.columns]


def _column(reader: ColumnReader, tensor: Tensor) -> Any:
    if tensor.shape not in {(len(tensor.values),), (len(tensor.values), 1)}:
        raise BadInference(f"Input `{tensor.name}` must have the shape [rows, 1], not {list(tensor.shape)}.")
    values = _READERS[reader.feature.type](reader.feature, tensor)
    return reader.read(values, partial(_place, tensor.name)) if reader.has_form else values


def _place(name: str, row: int) -> Location:
    return [*ROOT, name, row]


def _number_column(feature: FeatureSignature, tensor: Tensor) -> Array:
    values, missing = _numbers(tensor)
    if missing is not None:
        _check_missing(feature, missing)
    return values


def _boolean_column(feature: FeatureSignature, tensor: Tensor) -> list[bool | None]:
    if tensor.datatype.name != "BOOL":
        raise BadInference(f"Input `{tensor.name}` must be BOOL, not {tensor.datatype.name}.")
    values = _listed(tensor)
    if not set(values) <= {0, 1, None}:
        raise BadInference(f"Input `{tensor.name}` holds bytes that are neither 0 nor 1.")
    _check_none(feature, values)
    return [None if value is None else bool(value) for value in values]


def _text_column(feature: FeatureSignature, tensor: Tensor) -> list[Any]:
    """Text; a category may also be a number or a boolean, since codes may be categories."""
    if tensor.datatype.name != "BYTES" and feature.type == "date":
        raise BadInference(f"Input `{tensor.name}` must be BYTES, not {tensor.datatype.name}.")
    values = _listed(tensor)
    if tensor.datatype.name == "BOOL":
        values = [None if value is None else bool(value) for value in values]
    _check_none(feature, values)
    try:
        return [value.decode() if isinstance(value, bytes) else value for value in values]
    except UnicodeDecodeError:
        raise BadInference(f"Input `{tensor.name}` holds bytes that are not valid UTF-8.") from None


_READERS: dict[str, Callable[[FeatureSignature, Tensor], Any]] = {
    "number": _number_column,
    "boolean": _boolean_column,
    "category": _text_column,
    "date": _text_column,
}


def _numbers(tensor: Tensor) -> tuple[Array, Array | None]:
    """float64 of shape (n_elements,), NaN where missing, and the mask of missing elements if there are any."""
    if not tensor.datatype.is_number:
        raise BadInference(f"Input `{tensor.name}` must hold numbers, such as FP64, not {tensor.datatype.name}.")
    values = _as_floats(tensor.values)
    if are_finite(values):
        return values, None
    if np.isinf(values).any():
        raise BadInference(f"Input `{tensor.name}` holds an infinite number.")
    return values, np.isnan(values)


def _as_floats(elements: Array | list[Any]) -> Array:
    if not isinstance(elements, list):
        return elements.astype(np.float64, copy=False)
    try:
        return np.fromiter(elements, np.float64, len(elements))
    except TypeError:
        return np.array([np.nan if value is None else value for value in elements], np.float64)


def _listed(tensor: Tensor) -> list[Any]:
    return tensor.values if isinstance(tensor.values, list) else tensor.values.tolist()


def _check_missing(feature: FeatureSignature, missing: Array) -> None:
    if not feature.nullable and missing.any():
        raise _missing_value(feature, int(np.flatnonzero(missing)[0]))


def _check_none(feature: FeatureSignature, values: list[Any]) -> None:
    if not feature.nullable and None in values:
        raise _missing_value(feature, values.index(None))


def _missing_value(feature: FeatureSignature, row: int) -> BadInference:
    why = "the training data had no missing values in this column"
    return BadInference(f"Input `{feature.name}` has a missing value in row {row}, which is not allowed: {why}.")
