"""Numbers: one or several, trained on in standard units and told in raw ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Column
from models.data.features.statistics import mean, spread
from models.data.signature import OutputSignature
from models.data.targets.decoding import Decoder, exponential

Array = NDArray[Any]


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
            return exponential
        scale, shift = np.array([self.scale]), np.array([self.shift])
        return lambda outputs: outputs * scale + shift

    def signatures(self) -> tuple[OutputSignature, ...]:
        """What a caller is told about each output."""
        return tuple(OutputSignature(name, "number") for name in self.names)


def learn_scale(columns: Sequence[Column], standardise: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each label, or 0 and 1 where labels are trained on as they are."""
    if not standardise:
        return (0.0,) * len(columns), (1.0,) * len(columns)
    values = [column.values for column in columns]
    return tuple(mean(one) for one in values), tuple(spread(one) or 1.0 for one in values)


def numbers(columns: Sequence[Column]) -> Array:
    """The columns side by side: float64 of shape (n_rows, n_columns)."""
    return np.column_stack([column.values.astype(np.float64) for column in columns])
