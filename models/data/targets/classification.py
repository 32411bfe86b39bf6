"""One class out of several: text, booleans or numbers, each of the JSON type that it had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Array
from models.data.columns import Column, as_text
from models.data.signature import ClassValue, OutputSignature
from models.data.targets.decision_threshold import decide
from models.data.targets.decoding import Decoder, both, both_of_margin, shares, softmax, unchanged
from models.data.targets.target import DISTANCES, Columns, check_predictable
from models.errors import BadLabel, shorten
from models.specification import (
    BinaryCrossEntropy,
    ColumnType,
    CrossEntropy,
    Hinge,
    Loss,
    OutputName,
    Recipe,
)
from models.specification.json_codec import LEFT_OUT_WHEN_NONE

MOST_CLASSES = 1000
# JSON writes no whole number beyond it without a point.
LARGEST_INTEGER = 2**63


@dataclass(frozen=True, slots=True)
class ClassTarget:
    """One class out of several. `output` is the network's last activation; two classes need one sigmoid output.

    The most likely class is chosen, or, of two classes, the second if its probability is at least `threshold`.
    """

    losses: ClassVar[Mapping[OutputName, frozenset[str]]] = {
        "sigmoid": frozenset({"binary_cross_entropy", *DISTANCES}),
        "softmax": frozenset({"cross_entropy", *DISTANCES}),
        "linear": frozenset({"hinge"}),
    }

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

    @staticmethod
    def check_labels(labels: Sequence[Column]) -> None:
        """Raises BadLabel for dates, and for more than one label column."""
        for column in labels:
            check_predictable(column)
        if len(labels) > 1:
            raise BadLabel("classification takes one label column; use task multilabel for several yes-or-no columns")

    @staticmethod
    def find_classes(labels: Sequence[Column]) -> tuple[ClassValue, ...]:
        """The classes of the label column in their order, each of the JSON type that it had."""
        return learn_classes(labels[0])

    @staticmethod
    def strata(labels: Sequence[Column]) -> NDArray[np.int64]:
        """A number for each row's class, of shape (n_rows,)."""
        codes: NDArray[np.int64] = np.unique(labels[0].values.astype(str), return_inverse=True)[1]
        return codes

    @staticmethod
    def default_output(n_classes: int, loss: Loss | None) -> OutputName:
        """Sigmoid for two classes, softmax for more, unless the loss needs another."""
        if isinstance(loss, Hinge):
            return "linear"
        one_of_many = n_classes > 2 or isinstance(loss, CrossEntropy)
        return "softmax" if one_of_many and not isinstance(loss, BinaryCrossEntropy) else "sigmoid"

    @staticmethod
    def default_loss(output: OutputName) -> Loss:
        """The log loss; the hinge loss for a linear output."""
        if output == "linear":
            return Hinge()
        return CrossEntropy() if output == "softmax" else BinaryCrossEntropy()

    @staticmethod
    def check_values(labels: Sequence[Column], recipe: Recipe) -> None:
        """Any class fits any output."""

    @classmethod
    def fit(cls, labels: Sequence[Column], classes: tuple[ClassValue, ...], recipe: Recipe) -> Self:
        """The target of the recipe; `classes` are known already, so nothing is learned from the labels."""
        return cls(labels[0].name, classes, recipe.network.output or "linear", threshold=fixed_threshold(recipe))

    @property
    def n_outputs(self) -> int:
        """The number of outputs of the network."""
        return 1 if len(self.classes) == 2 and self.output != "softmax" else len(self.classes)

    @property
    def names(self) -> tuple[str, ...]:
        """The label columns."""
        return (self.name,)

    @property
    def label_type(self) -> ColumnType:
        """The type that the classes have as a column."""
        kind = type(self.classes[0])
        return "category" if kind is str else "boolean" if kind is bool else "number"

    @property
    def texts(self) -> list[str]:
        """The classes as text, in the order of the probabilities."""
        return [str(as_text(value)) for value in self.classes]

    def indices(self, column: Column) -> NDArray[np.int64]:
        """The index of each row's class in `classes`, of shape (n_rows,). Raises BadLabel for an unknown class."""
        positions = {_key(value): k for k, value in enumerate(self.classes)}
        index = np.array([positions.get(value, -1) for value in column.values.tolist()], dtype=np.int64)
        unknown = np.flatnonzero(index < 0)
        if unknown.size:
            value = shorten(column.values[unknown[0]])
            raise BadLabel(f"{self.name!r} holds {value} in row {unknown[0]}, which is not one of the classes")
        return index

    def encode(self, columns: Sequence[Column]) -> Array:
        """The labels as float64 of shape (n_rows, n_outputs): 1 for the row's class, 0 for the others."""
        index = self.indices(columns[0])
        if self.n_outputs == 1:
            return index[:, None].astype(np.float64)
        return np.eye(len(self.classes))[index]

    def truth(self, columns: Sequence[Column]) -> NDArray[np.int64]:
        """The index of each row's class in `classes`, of shape (n_rows,). Raises BadLabel for an unknown class."""
        return self.indices(columns[0])

    def decide(self, probabilities: Array) -> NDArray[np.intp]:
        """The index of the class chosen for each row, of shape (n_rows,)."""
        return decide(probabilities, self.threshold)

    def decision_columns(self, values: Array) -> Columns:
        """One column: the text of each row's class."""
        return {"prediction": np.array(self.texts, object)[self.decide(values)]}

    def prediction_columns(self, values: Array) -> Columns:
        """The class of each row, and the probability of each class."""
        probabilities = {f"probability_{text}": values[:, place] for place, text in enumerate(self.texts)}
        return self.decision_columns(values) | probabilities

    def with_threshold(self, threshold: float | None) -> Self:
        """A copy of this target with another decision threshold."""
        return replace(self, threshold=threshold)

    def decoder(self) -> Decoder:
        """The function from outputs to probabilities of shape (n_rows, n_classes), which sum to 1."""
        if self.output == "softmax":
            return unchanged
        if self.n_outputs == 1:
            return both_of_margin if self.output == "linear" else both
        return softmax if self.output == "linear" else shares

    def signatures(self) -> tuple[OutputSignature, ...]:
        """One output with its classes."""
        return (OutputSignature(self.name, self.label_type, self.classes, self.threshold),)


def fixed_threshold(recipe: Recipe) -> float | None:
    """The threshold where the recipe sets a number; a threshold chosen on held-out rows is known after the training."""
    return recipe.threshold if isinstance(recipe.threshold, float) else None


def learn_classes(column: Column) -> tuple[ClassValue, ...]:
    """The classes of a label column in their order, each of the JSON type that it had."""
    distinct = sorted(set(column.values.tolist()))
    if len(distinct) < 2:
        only = shorten(_class_value(column, distinct[0])) if distinct else "no value"
        raise BadLabel(f"{column.name!r} has only one class, {only}; a label needs rows of at least two")
    if len(distinct) > MOST_CLASSES:
        raise BadLabel(f"{column.name!r} has {len(distinct)} classes, more than {MOST_CLASSES}; use task regression")
    return tuple(_class_value(column, value) for value in distinct)


def _class_value(column: Column, value: Any) -> ClassValue:
    if column.type == "category":
        return str(value)
    if column.type == "boolean":
        return bool(value)
    return int(value) if float(value).is_integer() and abs(value) < LARGEST_INTEGER else float(value)


def _key(value: ClassValue) -> str | float:
    return value if isinstance(value, str) else float(value)
