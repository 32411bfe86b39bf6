"""The layer that normalises the features of each row."""

import numpy as np

from models.arrays import Array
from models.network.layers.layer import Signal, WorkspaceSetting

EPSILON = 1e-5


class LayerNorm:
    """y = scale · (x − mean) / √(variance + ε) + shift, mean and variance over each row (Ba et al. 2016)."""

    def __init__(self, name: str, scale: Array, shift: Array) -> None:
        self.name, self.scale, self.shift = name, scale, shift

    def forward(self, x: Array) -> Array:
        y: Array = _normed(x, axis=1)[0] * self.scale + self.shift
        return y

    def workspace(self, setting: WorkspaceSetting, x: Signal | None) -> "LayerNormWorkspace":
        return LayerNormWorkspace(self, setting, x or setting.signal(self.scale.size))


class LayerNormWorkspace:
    """With x̂ the normed x and g = dL/dy · scale: dL/dx = (g − mean g − x̂ · mean(g · x̂)) / √(variance + ε)."""

    def __init__(self, layer: LayerNorm, setting: WorkspaceSetting, x: Signal) -> None:
        self._scale, self._shift, self._x = layer.scale[:, None], layer.shift[:, None], x.values
        self._grad_scale = setting.gradients[f"{layer.name}.scale"]
        self._grad_shift = setting.gradients[f"{layer.name}.shift"]
        self.y = setting.signal(layer.scale.size)
        self._normed = self._inverse = self.y.values

    def forward(self) -> None:
        self._normed, self._inverse = _normed(self._x, axis=0)
        np.multiply(self._normed, self._scale, out=self.y.values)
        np.add(self.y.values, self._shift, out=self.y.values)

    def backward(self, grad: Array) -> Array:
        np.sum(grad * self._normed, axis=1, out=self._grad_scale)
        np.sum(grad, axis=1, out=self._grad_shift)
        np.multiply(grad, self._scale, out=grad)
        mean_grad = np.mean(grad, axis=0, keepdims=True)
        mean_product = np.mean(grad * self._normed, axis=0, keepdims=True)
        np.subtract(grad, mean_grad, out=grad)
        np.subtract(grad, self._normed * mean_product, out=grad)
        return np.multiply(grad, self._inverse, out=grad)


def _normed(x: Array, axis: int) -> tuple[Array, Array]:
    """x̂ = (x − mean) / √(variance + ε) along the features, and the factor 1 / √(variance + ε) of each row."""
    centred = x - np.mean(x, axis=axis, keepdims=True)
    variance = np.mean(np.square(centred), axis=axis, keepdims=True)
    inverse: Array = 1 / np.sqrt(variance + x.dtype.type(EPSILON))
    return centred * inverse, inverse
