"""The layer that randomly sets values to 0 in training."""

import numpy as np

from models.arrays import Array
from models.network.layers.layer import Signal, WorkspaceSetting


class Dropout:
    """In training, each value is 0 with probability `rate`, else divided by 1 − rate, which keeps its mean.

    In a trained network it does nothing (Srivastava et al. 2014, in the inverted form).
    """

    def __init__(self, rate: float, width: int) -> None:
        self.rate, self.width = rate, width

    def forward(self, x: Array) -> Array:
        return x

    def workspace(self, setting: WorkspaceSetting, x: Signal | None) -> "DropoutWorkspace":
        return DropoutWorkspace(self, setting, x or setting.signal(self.width))


class DropoutWorkspace:
    """y = x · mask / (1 − rate) and dL/dx = dL/dy · mask / (1 − rate), with the same mask."""

    def __init__(self, layer: Dropout, setting: WorkspaceSetting, x: Signal) -> None:
        self._rate, self._rng, self._x = layer.rate, setting.rng, x.values
        self.y = setting.signal(layer.width)
        self._factor = setting.buffer(layer.width)
        self._scale = setting.dtype.type(1 / (1 - layer.rate))

    def forward(self) -> None:
        factor = self._factor
        self._rng.random(out=factor, dtype=factor.dtype.type)
        np.greater_equal(factor, self._rate, out=factor)
        np.multiply(factor, self._scale, out=factor)
        np.multiply(self._x, factor, out=self.y.values)

    def backward(self, grad: Array) -> Array:
        return np.multiply(grad, self._factor, out=grad)
