"""Several labels, each of them yes or no."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Array
from models.data.columns import Column
from models.data.signature import ClassValue, OutputSignature
from models.data.targets.decision_threshold import decide_labels
from models.data.targets.decoding import Decoder, sigmoid, unchanged
from models.data.targets.regression import numbers
from models.data.targets.target import DISTANCES, Columns, check_predictable, prediction_names
from models.errors import BadLabel, shorten
from models.specification import BinaryCrossEntropy, ColumnType, Hinge, Loss, OutputName, Recipe


@dataclass(frozen=True, slots=True)
class LabelsTarget:
    """Each label is 0 or 1, and its output a probability of its own."""

    losses: ClassVar[Mapping[OutputName, frozenset[str]]] = {
        "sigmoid": frozenset({"binary_cross_entropy", *DISTANCES}),
        "linear": frozenset({"hinge"}),
    }
    classes: ClassVar[tuple[ClassValue, ...]] = ()
    label_type: ClassVar[ColumnType] = "boolean"

    names: tuple[str, ...]
    output: OutputName
    task: Literal["multilabel"] = "multilabel"

    def __post_init__(self) -> None:
        if not self.names:
            raise ValueError("there must be at least one label")

    @staticmethod
    def check_labels(labels: Sequence[Column]) -> None:
        """Raises BadLabel for values other than yes and no."""
        for column in labels:
            check_predictable(column)
            _check_yes_or_no(column)

    @staticmethod
    def find_classes(labels: Sequence[Column]) -> tuple[ClassValue, ...]:
        """An empty tuple: each label is yes or no."""
        return ()

    @staticmethod
    def strata(labels: Sequence[Column]) -> None:
        """Returns None: rows with several labels form no groups."""

    @staticmethod
    def default_output(n_classes: int, loss: Loss | None) -> OutputName:
        """Sigmoid, unless the loss needs margins."""
        return "linear" if isinstance(loss, Hinge) else "sigmoid"

    @staticmethod
    def default_loss(output: OutputName) -> Loss:
        """The log loss; the hinge loss for a linear output."""
        return Hinge() if output == "linear" else BinaryCrossEntropy()

    @staticmethod
    def check_values(labels: Sequence[Column], recipe: Recipe) -> None:
        """Accepts all labels: yes and no fit any output."""

    @classmethod
    def fit(cls, labels: Sequence[Column], classes: tuple[ClassValue, ...], recipe: Recipe) -> Self:
        """The target of the recipe; nothing is learned from the labels."""
        return cls(recipe.labels, recipe.network.output or "linear")

    @property
    def n_outputs(self) -> int:
        """The number of outputs of the network."""
        return len(self.names)

    def encode(self, columns: Sequence[Column]) -> Array:
        """The labels as float64 of 0 and 1, of shape (n_rows, n_labels)."""
        return numbers(columns)

    def truth(self, columns: Sequence[Column]) -> Array:
        """The labels as float64 of 0 and 1, of shape (n_rows, n_labels)."""
        return numbers(columns)

    def decoder(self) -> Decoder:
        """The function from outputs to the probability of each label, of shape (n_rows, n_labels)."""
        return sigmoid if self.output == "linear" else unchanged

    def decide(self, probabilities: Array) -> NDArray[np.bool_]:
        """Yes or no for each label, of shape (n_rows, n_labels)."""
        return decide_labels(probabilities)

    def decision_columns(self, values: Array) -> Columns:
        """A column of yes and no for each label."""
        return dict(zip(prediction_names(self.names), self.decide(values).T, strict=True))

    def prediction_columns(self, values: Array) -> Columns:
        """Yes or no for each label, and its probability."""
        probabilities = {f"probability_{name}": values[:, place] for place, name in enumerate(self.names)}
        return self.decision_columns(values) | probabilities

    def with_threshold(self, threshold: float | None) -> Self:
        """This target unchanged: each label is decided at a half."""
        return self

    def signatures(self) -> tuple[OutputSignature, ...]:
        """One boolean output for each label."""
        return tuple(OutputSignature(name, "boolean") for name in self.names)


def _check_yes_or_no(column: Column) -> None:
    if column.type == "category":
        raise BadLabel(
            f"{column.name!r} contains text, but multilabel needs booleans, or 0 and 1, in each label column"
        )
    wrong = np.flatnonzero((column.values != 0) & (column.values != 1))
    if wrong.size:
        value = float(column.values[wrong[0]])
        raise BadLabel(f"{column.name!r} contains {shorten(value)}, but multilabel needs booleans, or 0 and 1")
