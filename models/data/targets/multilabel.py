"""Yes or no for each of several labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from models.data.columns import Column
from models.data.signature import OutputSignature
from models.data.targets.decoding import Decoder, sigmoid, unchanged
from models.data.targets.regression import numbers
from models.specification import OutputName

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class LabelsTarget:
    """Each label is 0 or 1, and its output a probability of its own."""

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
        return sigmoid if self.output == "linear" else unchanged

    def signatures(self) -> tuple[OutputSignature, ...]:
        """What a caller is told about each label."""
        return tuple(OutputSignature(name, "boolean") for name in self.names)
