"""What every kind of target does, from a caller's labels to a decision about a row."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, Self

from models.arrays import Array
from models.data.columns import Column
from models.data.signature import ClassValue, OutputSignature
from models.data.targets.decoding import Decoder
from models.errors import BadLabel
from models.specification import ColumnType, Loss, OutputName, Recipe, TaskName

Columns = dict[str, Array]
DISTANCES = ("mse", "mae", "huber")


class Target(Protocol):
    """One kind of label: chosen by the task before a training, and kept with the network after it."""

    losses: ClassVar[Mapping[OutputName, frozenset[str]]]
    """The outputs that fit the task, each with the losses that fit it."""

    @staticmethod
    def check_labels(labels: Sequence[Column]) -> None:
        """Raises BadLabel where the columns cannot be labels of this kind."""
        ...

    @staticmethod
    def find_classes(labels: Sequence[Column]) -> tuple[ClassValue, ...]:
        """The classes in the labels, in their order; empty for kinds without classes. Raises BadLabel."""
        ...

    @staticmethod
    def strata(labels: Sequence[Column]) -> Array | None:
        """The group of each row, of shape (n_rows,), for a stratified split; None for kinds without groups."""
        ...

    @staticmethod
    def default_output(n_classes: int, loss: Loss | None) -> OutputName:
        """The last activation where the caller chooses none."""
        ...

    @staticmethod
    def default_loss(output: OutputName) -> Loss:
        """The loss where the caller chooses none."""
        ...

    @staticmethod
    def check_values(labels: Sequence[Column], recipe: Recipe) -> None:
        """Raises BadLabel for a value that the recipe's output or loss cannot produce."""
        ...

    @classmethod
    def fit(cls, labels: Sequence[Column], classes: tuple[ClassValue, ...], recipe: Recipe) -> Self:
        """The target fitted to the labels of the training rows; `recipe` has its defaults filled in."""
        ...

    @property
    def task(self) -> TaskName:
        """The task's name in recipes and files."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The label columns."""
        ...

    @property
    def classes(self) -> tuple[ClassValue, ...]:
        """The classes in the order of their probabilities; empty for kinds without classes."""
        ...

    @property
    def label_type(self) -> ColumnType:
        """The column type by which labels are read."""
        ...

    @property
    def n_outputs(self) -> int:
        """The number of outputs of the network."""
        ...

    def encode(self, columns: Sequence[Column]) -> Array:
        """The label columns in the units trained on: float64 of shape (n_rows, n_outputs)."""
        ...

    def truth(self, columns: Sequence[Column]) -> Array:
        """The label columns in the units of the metrics: class indices (n_rows,), or numbers (n_rows, n_labels)."""
        ...

    def decoder(self) -> Decoder:
        """The function from the network's outputs to probabilities, or numbers in raw units."""
        ...

    def decision_columns(self, values: Array) -> Columns:
        """The decisions from `values`, the decoded outputs, as named columns; empty where nothing is decided."""
        ...

    def prediction_columns(self, values: Array) -> Columns:
        """The decisions and the values themselves, as named columns."""
        ...

    def with_threshold(self, threshold: float | None) -> Self:
        """This target with another decision threshold, for kinds that have one."""
        ...

    def signatures(self) -> tuple[OutputSignature, ...]:
        """The public description of each output."""
        ...


def check_predictable(column: Column) -> None:
    """Raises BadLabel for a date, which no kind of target predicts."""
    if column.type == "date":
        raise BadLabel(
            f"{column.name!r} is a date, which cannot be predicted; convert it to a number, for example of days"
        )


def prediction_names(names: Sequence[str]) -> list[str]:
    """The column of each output: `prediction` where there is one, else `prediction_` and the output's name."""
    return ["prediction"] if len(names) == 1 else [f"prediction_{name}" for name in names]
