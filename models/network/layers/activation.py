"""The activation layer: one activation for all its neurons."""

import numpy as np

from models.arrays import Array
from models.network.activations import Activation
from models.network.layers.layer import Signal, WorkspaceSetting


class ActivationLayer:
    """a = f(z), with z and a of shape (n_samples, width)."""

    def __init__(self, activation: Activation, width: int) -> None:
        self.activation, self.width = activation, width

    def forward(self, x: Array) -> Array:
        return self.activation.forward(x, np.empty_like(x))

    def workspace(self, setting: WorkspaceSetting, x: Signal | None) -> "ActivationWorkspace":
        return ActivationWorkspace(self, setting, x or setting.signal(self.width))


class ActivationWorkspace:
    """Works in place where the slope is computed from a alone: z is in the cache and is not read again."""

    def __init__(self, layer: ActivationLayer, setting: WorkspaceSetting, x: Signal) -> None:
        self._activation = layer.activation.transposed
        self.y = setting.signal(layer.width) if layer.activation.keeps_z else x
        self._z, self._a = x.values, self.y.values

    def forward(self) -> None:
        self._activation.forward(self._z, self._a)

    def backward(self, grad: Array) -> Array:
        self._activation.backward(self._z, self._a, grad)
        return grad
