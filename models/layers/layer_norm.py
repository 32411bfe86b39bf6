"""The layer that makes the features of each row alike."""

import numpy as np

from models.arrays import Array
from models.layers.layer import WorkspaceSetting

EPSILON = 1e-5


class LayerNorm:
    """y = scale · (x − mean) / √(variance + ε) + shift, mean and variance over each row (Ba et al. 2016)."""

    def __init__(self, name: str, scale: Array, shift: Array) -> None:
        self.name, self.scale, self.shift = name, scale, shift

    def forward(self, x: Array) -> Array:
        y: Array = normed(x)[0] * self.scale + self.shift
        return y

    def workspace(self, setting: WorkspaceSetting, needs_grad_x: bool) -> "LayerNormWorkspace":
        return LayerNormWorkspace(self, setting)


class LayerNormWorkspace:
    """With x̂ the normed x and g = dL/dy · scale: dL/dx = (g − mean g − x̂ · mean(g · x̂)) / √(variance + ε)."""

    def __init__(self, layer: LayerNorm, setting: WorkspaceSetting) -> None:
        self._layer = layer
        self._grad_scale = setting.gradients[f"{layer.name}.scale"]
        self._grad_shift = setting.gradients[f"{layer.name}.shift"]
        self._y = setting.buffer(len(layer.scale))
        self._normed = self._inverse = self._y

    def forward(self, x: Array, out: Array | None = None) -> Array:
        self._normed, self._inverse = normed(x)
        y = np.multiply(self._normed, self._layer.scale, out=self._y if out is None else out)
        return np.add(y, self._layer.shift, out=y)

    def backward(self, grad: Array) -> Array:
        np.sum(grad * self._normed, axis=0, out=self._grad_scale)
        np.sum(grad, axis=0, out=self._grad_shift)
        np.multiply(grad, self._layer.scale, out=grad)
        mean_grad = np.mean(grad, axis=1, keepdims=True)
        mean_product = np.mean(grad * self._normed, axis=1, keepdims=True)
        np.subtract(grad, mean_grad, out=grad)
        np.subtract(grad, self._normed * mean_product, out=grad)
        return np.multiply(grad, self._inverse, out=grad)


def normed(x: Array) -> tuple[Array, Array]:
    """x̂ = (x − mean) / √(variance + ε) over each row, and 1 / √(variance + ε) of shape (n_samples, 1)."""
    centred = x - np.mean(x, axis=1, keepdims=True)
    variance = np.mean(np.square(centred), axis=1, keepdims=True)
    inverse: Array = 1 / np.sqrt(variance + x.dtype.type(EPSILON))
    return centred * inverse, inverse
