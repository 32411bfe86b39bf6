"""One class out of several: text, booleans or numbers, each of the JSON type that it had."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Column
from models.data.signature import ClassValue, OutputSignature
from models.data.targets.decision_threshold import decide
from models.data.targets.decoding import Decoder, both, both_of_margin, shares, softmax, unchanged
from models.errors import BadLabel, shorten
from models.specification import OutputName
from models.specification.json_codec import LEFT_OUT_WHEN_NONE

Array = NDArray[Any]

MOST_CLASSES = 1000
# JSON writes no whole number beyond it without a point.
LARGEST_INTEGER = 2**63


@dataclass(frozen=True, slots=True)
class ClassTarget:
    """One class out of several. `output` is the network's last activation; one sigmoid output tells two classes.

    The likeliest class is told, or of two the second from the probability `threshold` on.
    """

    name: str
    classes: tuple[ClassValue, ...]
    output: OutputName
    task: Literal["classification"] = "classification"
    threshold: float | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    def __post_init__(self) -> None:
        if not 2 <= len(self.classes) <= MOST_CLASSES:
            raise ValueError(f"classes must be 2 to {MOST_CLASSES}, not {len(self.classes)}")
        if self.threshold is not None and (len(self.classes) != 2 or not 0 < self.threshold < 1):
            raise ValueError("threshold is for two classes, and must lie between 0 and 1")

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

    def decide(self, probabilities: Array) -> NDArray[np.intp]:
        """The place of each row's class in `classes`, of shape (n_rows,)."""
        return decide(probabilities, self.threshold)

    def decoder(self) -> Decoder:
        """From outputs to probabilities of shape (n_rows, n_classes), summing to 1."""
        if self.output == "softmax":
            return unchanged
        if self.n_outputs == 1:
            return both_of_margin if self.output == "linear" else both
        return softmax if self.output == "linear" else shares

    def signatures(self) -> tuple[OutputSignature, ...]:
        """What a caller is told about the output."""
        kind = type(self.classes[0])
        type_: Any = "category" if kind is str else "boolean" if kind is bool else "number"
        return (OutputSignature(self.name, type_, self.classes, self.threshold),)


def learn_classes(column: Column) -> tuple[ClassValue, ...]:
    """The classes of a label column in their order, each of the JSON type that it had."""
    distinct = sorted(set(column.values.tolist()))
    if len(distinct) < 2:
        only = shorten(_class_value(column, distinct[0])) if distinct else "no value"
        raise BadLabel(f"{column.name!r} has only one class, {only}; a label needs rows of at least two")
    if len(distinct) > MOST_CLASSES:
        raise BadLabel(f"{column.name!r} has {len(distinct)} classes, more than {MOST_CLASSES}; say task regression")
    return tuple(_class_value(column, value) for value in distinct)


def _class_value(column: Column, value: Any) -> ClassValue:
    if column.type == "category":
        return str(value)
    if column.type == "boolean":
        return bool(value)
    return int(value) if float(value).is_integer() and abs(value) < LARGEST_INTEGER else float(value)


def _key(value: ClassValue) -> str | float:
    return value if isinstance(value, str) else float(value)
