"""What every layer does: a forward pass that does not change it, and a workspace in which a training runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.arrays import Array

Tensors = Mapping[str, Array]


class Signal:
    """What flows from layer to layer in a workspace: `values` of shape (width, n_rows), with a row of ones below.

    A workspace keeps batches transposed, one row for each feature, as textbooks with column vectors do. The row of ones
    makes the bias one more weight, so that W and b take one product instead of a product and a sum, and sums over
    features run along contiguous memory: together half the time of a small network's step (benchmarks/README.md).
    The values are not initialised.
    """

    def __init__(self, width: int, n_rows: int, dtype: np.dtype[np.generic]) -> None:
        self.with_ones: Array = np.empty((width + 1, n_rows), dtype)
        self.with_ones[-1] = 1
        self.values = self.with_ones[:-1]


class LayerWorkspace(Protocol):
    """The buffers of one layer for one number of rows; built once for its input signal, used at every step."""

    y: Signal
    """What `forward` writes."""

    def forward(self) -> None:
        """Compute y from x as in training, and keep what `backward` needs."""

    def backward(self, grad: Array) -> Array:
        """dL/dx from dL/dy of the last forward pass, both of shape (width, n_rows).

        Also writes the gradients of the parameters, and may overwrite `grad`.
        """


@dataclass(frozen=True)
class WorkspaceSetting:
    """What layers need to build their workspaces: number of rows, gradient views by tensor name, type, generator."""

    n_rows: int
    gradients: Tensors
    dtype: np.dtype[np.generic]
    rng: np.random.Generator

    def buffer(self, width: int) -> Array:
        """An array of shape (width, n_rows)."""
        return np.zeros((width, self.n_rows), self.dtype)

    def signal(self, width: int) -> Signal:
        """A signal for so many features."""
        return Signal(width, self.n_rows, self.dtype)


class Layer(Protocol):
    """One step from x to y."""

    def forward(self, x: Array) -> Array:
        """y for x of shape (n_samples, n_inputs), as in a trained network; neither x nor the layer changes."""

    def workspace(self, setting: WorkspaceSetting, x: Signal | None) -> LayerWorkspace:
        """Buffers for training; `x` is None for the first layer, which gets it with each batch and needs no dL/dx."""
