"""What every layer gives: a forward pass that leaves no trace, and a workspace that a training runs it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.arrays import Array

Tensors = Mapping[str, Array]


class LayerWorkspace(Protocol):
    """The buffers of one layer for one number of rows; built once, used at every step."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        """y for a batch x of shape (n_rows, n_inputs), as training sees it; kept here for the way back.

        Written into `out` where it is given; the last layer's goes straight into the epoch's outputs that way.
        """

    def backward(self, grad: Array) -> Array:
        """dL/dx from dL/dy of the last forward pass; writes the gradients of the parameters. `grad` is used up."""


@dataclass(frozen=True)
class WorkspaceSetting:
    """What layers need to build their workspaces: rows, gradient views by tensor name, type and chance."""

    n_rows: int
    gradients: Tensors
    dtype: np.dtype[np.generic]
    rng: np.random.Generator

    def buffer(self, width: int) -> Array:
        """An array of shape (n_rows, width)."""
        return np.zeros((self.n_rows, width), self.dtype)


class Layer(Protocol):
    """One step from x to y."""

    def forward(self, x: Array) -> Array:
        """y for any number of rows, as a trained network gives it; neither `x` nor the layer changes."""

    def workspace(self, setting: WorkspaceSetting, needs_grad_x: bool) -> LayerWorkspace:
        """Buffers for training; the first layer is spared dL/dx, which nobody would read."""
