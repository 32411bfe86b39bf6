"""The layer that forgets."""

import numpy as np

from models.arrays import Array
from models.layers.layer import WorkspaceSetting


class Dropout:
    """While training, each value is 0 with probability `rate`, else divided by 1 − rate, so that its mean stays.

    A trained network leaves it out (Srivastava et al. 2014, in the inverted form).
    """

    def __init__(self, rate: float, width: int) -> None:
        self.rate, self.width = rate, width

    def forward(self, x: Array) -> Array:
        return x

    def workspace(self, setting: WorkspaceSetting, needs_grad_x: bool) -> "DropoutWorkspace":
        return DropoutWorkspace(self.rate, setting, self.width)


class DropoutWorkspace:
    """y = x · mask / (1 − rate) and dL/dx = dL/dy · mask / (1 − rate), with one mask for both ways."""

    def __init__(self, rate: float, setting: WorkspaceSetting, width: int) -> None:
        self._rate = rate
        self._rng = setting.rng
        self._factor = setting.buffer(width)
        self._y = setting.buffer(width)
        self._scale = setting.dtype.type(1 / (1 - rate))

    def forward(self, x: Array, out: Array | None = None) -> Array:
        self._rng.random(out=self._factor, dtype=self._factor.dtype.type)
        np.greater_equal(self._factor, self._rate, out=self._factor)
        np.multiply(self._factor, self._scale, out=self._factor)
        return np.multiply(x, self._factor, out=self._y if out is None else out)

    def backward(self, grad: Array) -> Array:
        return np.multiply(grad, self._factor, out=grad)
