"""The layer that bends: one activation for all its neurons."""

import numpy as np

from models.activations import Activation
from models.arrays import Array
from models.layers.layer import WorkspaceSetting


class ActivationLayer:
    """a = f(z), with z and a of shape (n_samples, width)."""

    def __init__(self, activation: Activation, width: int) -> None:
        self.activation, self.width = activation, width

    def forward(self, x: Array) -> Array:
        return self.activation.forward(x, np.empty_like(x))

    def workspace(self, setting: WorkspaceSetting, needs_grad_x: bool) -> "ActivationWorkspace":
        return ActivationWorkspace(self.activation, setting, self.width)


class ActivationWorkspace:
    """Works in place where the slope can be told from a alone: z is in the cache and nobody reads it again."""

    def __init__(self, activation: Activation, setting: WorkspaceSetting, width: int) -> None:
        self._activation = activation
        self._own_a = setting.buffer(width) if activation.keeps_z else None
        self._z = self._a = np.empty((0, 0), setting.dtype)

    def forward(self, x: Array, out: Array | None = None) -> Array:
        self._z = x
        target = out if out is not None else self._own_a if self._own_a is not None else x
        self._a = self._activation.forward(x, target)
        return self._a

    def backward(self, grad: Array) -> Array:
        self._activation.backward(self._z, self._a, grad)
        return grad
