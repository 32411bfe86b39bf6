"""Labels to what a network is trained on, and its outputs back to what a caller reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.columns import Column
from models.errors import BadLabel, BadRecipe, shorten
from models.features.numbers import spread
from models.signature import ClassValue, OutputSignature
from models.specification import OutputName
from models.specification.json_form import from_json, to_json

Array = NDArray[Any]

Decoder = Callable[[Array], Array]
"""From the network's outputs in float64 to what a caller reads."""

MOST_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class ClassTarget:
    """One class out of several. `output` is the network's last activation; one sigmoid output tells two classes."""

    name: str
    classes: tuple[ClassValue, ...]
    output: OutputName
    task: Literal["classification"] = "classification"

    def __post_init__(self) -> None:
        if not 2 <= len(self.classes) <= MOST_CLASSES:
            raise ValueError(f"classes must be 2 to {MOST_CLASSES}, not {len(self.classes)}")

    @property
    def n_outputs(self) -> int:
        """Outputs of the network."""
        return 1 if len(self.classes) == 2 and self.output != "softmax" else len(self.classes)

    @property
    def names(self) -> tuple[str, ...]:
        """The label columns."""
        return (self.name,)

    def indices(self, column: Column) -> NDArray[np.int64]:
        """The place of each row's class in `classes`, of shape (n_rows,). Raises BadLabel for a class not there."""
        place = {_key(value): k for k, value in enumerate(self.classes)}
        index = np.array([place.get(value, -1) for value in column.values.tolist()], dtype=np.int64)
        unknown = np.flatnonzero(index < 0)
        if unknown.size:
            value = shorten(column.values[unknown[0]])
            raise BadLabel(f"{self.name!r} holds {value} in row {unknown[0]}, a class that training did not meet")
        return index

    def encode(self, columns: Sequence[Column]) -> Array:
        """float64 of shape (n_rows, n_outputs): 1 for the row's class, 0 for the others."""
        index = self.indices(columns[0])
        if self.n_outputs == 1:
            return index[:, None].astype(np.float64)
        return np.eye(len(self.classes))[index]

    def decoder(self) -> Decoder:
        """From outputs to probabilities of shape (n_rows, n_classes), summing to 1."""
        if self.output == "softmax":
            return _unchanged
        if self.n_outputs == 1:
            return _both_of_margin if self.output == "linear" else _both
        return softmax if self.output == "linear" else _shares

    def signatures(self) -> tuple[OutputSignature, ...]:
        """What a caller is told about the output."""
        kind = type(self.classes[0])
        type_: Any = "category" if kind is str else "boolean" if kind is bool else "number"
        return (OutputSignature(self.name, type_, self.classes),)


@dataclass(frozen=True, slots=True)
class NumberTarget:
    """Numbers, trained on as (y − shift) / scale; with the link `exp` the network tells their logarithm."""

    names: tuple[str, ...]
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    link: Literal["identity", "exp"] = "identity"
    task: Literal["regression"] = "regression"

    def __post_init__(self) -> None:
        if not len(self.names) == len(self.shift) == len(self.scale) > 0 or 0 in self.scale:
            raise ValueError("each output needs one shift and one scale other than 0")

    @property
    def n_outputs(self) -> int:
        """Outputs of the network."""
        return len(self.names)

    def encode(self, columns: Sequence[Column]) -> Array:
        """float64 of shape (n_rows, n_outputs), in the units trained on."""
        return (numbers(columns) - self.shift) / self.scale

    def decoder(self) -> Decoder:
        """From outputs to numbers in raw units, of shape (n_rows, n_outputs)."""
        if self.link == "exp":
            return np.exp
        scale, shift = np.array(self.scale), np.array(self.shift)
        return lambda outputs: outputs * scale + shift

    def signatures(self) -> tuple[OutputSignature, ...]:
        """What a caller is told about each output."""
        return tuple(OutputSignature(name, "number") for name in self.names)


@dataclass(frozen=True, slots=True)
class LabelsTarget:
    """Yes or no for each of several labels."""

    names: tuple[str, ...]
    output: OutputName
    task: Literal["multilabel"] = "multilabel"

    def __post_init__(self) -> None:
        if not self.names:
            raise ValueError("there must be at least one label")

    @property
    def n_outputs(self) -> int:
        """Outputs of the network."""
        return len(self.names)

    def encode(self, columns: Sequence[Column]) -> Array:
        """float64 of 0 and 1, of shape (n_rows, n_labels)."""
        return numbers(columns)

    def decoder(self) -> Decoder:
        """From outputs to the probability of each label, of shape (n_rows, n_labels)."""
        return sigmoid if self.output == "linear" else _unchanged

    def signatures(self) -> tuple[OutputSignature, ...]:
        """What a caller is told about each label."""
        return tuple(OutputSignature(name, "boolean") for name in self.names)


Target = ClassTarget | NumberTarget | LabelsTarget
_TARGETS: dict[str, type[Target]] = {
    "classification": ClassTarget,
    "regression": NumberTarget,
    "multilabel": LabelsTarget,
}


def target_to_json(target: Target) -> object:
    """Plain JSON values; `target_from_json` gives an equal target."""
    return to_json(target)


def target_from_json(value: object) -> Target:
    """The target that was written; raises BadRecipe with the place of a fault."""
    task = value.get("task") if isinstance(value, dict) else None
    if not isinstance(task, str) or task not in _TARGETS:
        raise BadRecipe(f"{shorten(task)} is no task", ["target"])
    target = from_json(_TARGETS[task], value, ["target"])
    assert isinstance(target, ClassTarget | NumberTarget | LabelsTarget)
    return target


def learn_classes(column: Column) -> tuple[ClassValue, ...]:
    """The classes of a label column in their order, each of the JSON type that it had."""
    distinct = sorted(set(column.values.tolist()))
    if len(distinct) < 2:
        only = shorten(_class_value(column, distinct[0])) if distinct else "no value"
        raise BadLabel(f"{column.name!r} has only one class, {only}; a label needs rows of at least two")
    if len(distinct) > MOST_CLASSES:
        raise BadLabel(f"{column.name!r} has {len(distinct)} classes, more than {MOST_CLASSES}; say task regression")
    return tuple(_class_value(column, value) for value in distinct)


def learn_scale(columns: Sequence[Column], standardise: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each label, or 0 and 1 where labels are trained on as they are."""
    if not standardise:
        return (0.0,) * len(columns), (1.0,) * len(columns)
    values = [column.values for column in columns]
    return tuple(float(one.mean()) for one in values), tuple(spread(one) or 1.0 for one in values)


def numbers(columns: Sequence[Column]) -> Array:
    """The columns side by side: float64 of shape (n_rows, n_columns)."""
    return np.column_stack([column.values.astype(np.float64) for column in columns])


def sigmoid(x: Array) -> Array:
    """1 / (1 + e⁻ˣ), without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def softmax(x: Array) -> Array:
    """eˣ / Σ eˣ over the last axis, without overflow."""
    powers: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _unchanged(outputs: Array) -> Array:
    return outputs


def _both(p: Array) -> Array:
    """The probabilities of both classes from that of the second."""
    return np.concatenate([1.0 - p, p], axis=1)


def _both_of_margin(margin: Array) -> Array:
    return _both(sigmoid(margin))


def _shares(outputs: Array) -> Array:
    """Outputs that are each a probability of their own, as shares of their sum; equal ones where all are 0."""
    positive: Array = np.maximum(outputs, np.finfo(outputs.dtype).tiny)
    return np.asarray(positive / positive.sum(axis=1, keepdims=True))


def _class_value(column: Column, value: Any) -> ClassValue:
    if column.type == "category":
        return str(value)
    if column.type == "boolean":
        return bool(value)
    return int(value) if float(value).is_integer() else float(value)


def _key(value: ClassValue) -> str | float:
    return value if isinstance(value, str) else float(value)
