"""One or several numbers, standardised for the training and predicted in raw units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np

from models.arrays import Array
from models.data.columns import Column
from models.data.features.statistics import mean, spread
from models.data.signature import ClassValue, OutputSignature
from models.data.targets.decoding import Decoder, exponential
from models.data.targets.target import DISTANCES, Columns, check_predictable, prediction_names
from models.errors import BadLabel
from models.specification import ColumnType, Loss, Mse, OutputName, Poisson, Recipe


@dataclass(frozen=True, slots=True)
class NumberTarget:
    """Numbers, trained on as (y − shift) / scale; with the link `exp` the network predicts their logarithm."""

    losses: ClassVar[Mapping[OutputName, frozenset[str]]] = {
        "exponential": frozenset({"poisson", "quantile", *DISTANCES}),
        "linear": frozenset({"poisson", "quantile", *DISTANCES}),
        "sigmoid": frozenset({"binary_cross_entropy", "quantile", *DISTANCES}),
        "softmax": frozenset({"cross_entropy", *DISTANCES}),
    }
    classes: ClassVar[tuple[ClassValue, ...]] = ()
    label_type: ClassVar[ColumnType] = "number"

    names: tuple[str, ...]
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    link: Literal["identity", "exp"] = "identity"
    task: Literal["regression"] = "regression"

    def __post_init__(self) -> None:
        if not len(self.names) == len(self.shift) == len(self.scale) > 0 or 0 in self.scale:
            raise ValueError("each output needs one shift and one scale other than 0")

    @staticmethod
    def check_labels(labels: Sequence[Column]) -> None:
        """Raises BadLabel for text."""
        for column in labels:
            check_predictable(column)
            if column.type == "category":
                message = (
                    f"{column.name!r} contains text, but regression needs numbers; leave task out for classification"
                )
                raise BadLabel(message)

    @staticmethod
    def find_classes(labels: Sequence[Column]) -> tuple[ClassValue, ...]:
        """An empty tuple: numbers have no classes."""
        return ()

    @staticmethod
    def strata(labels: Sequence[Column]) -> None:
        """Returns None: numbers form no groups."""

    @staticmethod
    def default_output(n_classes: int, loss: Loss | None) -> OutputName:
        """Exponential for the loss poisson, else linear."""
        return "exponential" if isinstance(loss, Poisson) else "linear"

    @staticmethod
    def default_loss(output: OutputName) -> Loss:
        """The Poisson loss for an exponential output, else the squared error."""
        return Poisson() if output == "exponential" else Mse()

    @staticmethod
    def check_values(labels: Sequence[Column], recipe: Recipe) -> None:
        """Raises BadLabel for a number outside the range of the output or the loss."""
        output, loss = recipe.network.output, recipe.training.loss
        for column in labels:
            low, high = column.values.min(), column.values.max()
            if isinstance(loss, Poisson) and low < 0:
                raise BadLabel(f"{column.name!r} contains negative numbers, but the loss poisson is for counts")
            if output in ("sigmoid", "softmax") and not (low >= 0 and high <= 1):
                message = f"{column.name!r} leaves the range 0 to 1 of output {output!r}; leave output out"
                raise BadLabel(message)

    @classmethod
    def fit(cls, labels: Sequence[Column], classes: tuple[ClassValue, ...], recipe: Recipe) -> Self:
        """The target of the recipe, with the labels' mean and deviation unless they are trained on as they are."""
        counts = isinstance(recipe.training.loss, Poisson)
        shift, scale = learn_scale(labels, standardise=_is_standardised(recipe))
        predicts_logarithm = counts and recipe.network.output == "linear"
        return cls(recipe.labels, shift, scale, "exp" if predicts_logarithm else "identity")

    @property
    def n_outputs(self) -> int:
        """The number of outputs of the network."""
        return len(self.names)

    def encode(self, columns: Sequence[Column]) -> Array:
        """The labels in the units trained on, float64 of shape (n_rows, n_outputs)."""
        return (numbers(columns) - self.shift) / self.scale

    def truth(self, columns: Sequence[Column]) -> Array:
        """The labels in raw units, float64 of shape (n_rows, n_outputs)."""
        return numbers(columns)

    def decoder(self) -> Decoder:
        """The function from outputs to numbers in raw units, of shape (n_rows, n_outputs)."""
        if self.link == "exp":
            return exponential
        scale, shift = np.array([self.scale]), np.array([self.shift])
        return lambda outputs: outputs * scale + shift

    def decision_columns(self, values: Array) -> Columns:
        """An empty dictionary: numbers are predicted, and nothing is decided."""
        return {}

    def prediction_columns(self, values: Array) -> Columns:
        """A column of numbers for each output."""
        return dict(zip(prediction_names(self.names), values.T, strict=True))

    def with_threshold(self, threshold: float | None) -> Self:
        """This target unchanged: nothing is decided."""
        return self

    def signatures(self) -> tuple[OutputSignature, ...]:
        """One output of numbers for each label."""
        return tuple(OutputSignature(name, "number") for name in self.names)


def _is_standardised(recipe: Recipe) -> bool:
    """Whether labels are standardised: not if the caller sets the scaling, for bounded outputs, or for counts."""
    by_hand = isinstance(recipe.scaling, dict) or recipe.scaling == "none"
    return not by_hand and recipe.network.output == "linear" and not isinstance(recipe.training.loss, Poisson)


def learn_scale(columns: Sequence[Column], standardise: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each label, or 0 and 1 without `standardise`."""
    if not standardise:
        return (0.0,) * len(columns), (1.0,) * len(columns)
    values = [column.values for column in columns]
    return tuple(map(mean, values)), tuple(spread(column) or 1.0 for column in values)


def numbers(columns: Sequence[Column]) -> Array:
    """The columns side by side: float64 of shape (n_rows, n_columns)."""
    return np.column_stack([column.values.astype(np.float64) for column in columns])
