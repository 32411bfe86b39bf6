"""The layer that normalises each feature over the rows of a batch."""

import numpy as np

from models.arrays import Array
from models.network.layers.layer import Signal, WorkspaceSetting

EPSILON = 1e-5
MOMENTUM = 0.1


class BatchNorm:
    """y = scale · (x − mean) / √(variance + ε) + shift, each feature by itself (Ioffe and Szegedy 2015).

    Training takes mean and variance from the batch and keeps running ones, new = 0.9 old + 0.1 batch (the variance
    unbiased); a trained network uses those.
    """

    def __init__(self, name: str, scale: Array, shift: Array, mean: Array, variance: Array) -> None:
        self.name, self.scale, self.shift, self.mean, self.variance = name, scale, shift, mean, variance

    def forward(self, x: Array) -> Array:
        factor = self.scale / np.sqrt(self.variance + self.variance.dtype.type(EPSILON))
        y: Array = (x - self.mean) * factor + self.shift
        return y

    def workspace(self, setting: WorkspaceSetting, x: Signal | None) -> "BatchNormWorkspace":
        return BatchNormWorkspace(self, setting, x or setting.signal(self.scale.size))


class BatchNormWorkspace:
    """With x̂ the normed x, g = dL/dy · scale and n rows: dL/dx = (g − mean g − x̂ · mean(g · x̂)) / √(variance + ε).

    (The paper's section 3, simplified.) Statistics of features have shape (width, 1). A batch of one row has no
    variance; it is normed by the running statistics.
    """

    def __init__(self, layer: BatchNorm, setting: WorkspaceSetting, x: Signal) -> None:
        self._scale, self._shift = layer.scale[:, None], layer.shift[:, None]
        self._mean, self._variance = layer.mean[:, None], layer.variance[:, None]
        self._grad_scale = setting.gradients[f"{layer.name}.scale"]
        self._grad_shift = setting.gradients[f"{layer.name}.shift"]
        self._n_rows, self._x = setting.n_rows, x.values
        self._normed = setting.buffer(layer.scale.size)
        self._inverse = np.ones_like(self._scale)
        self.y = setting.signal(layer.scale.size)

    def forward(self) -> None:
        mean, variance = (self._mean, self._variance) if self._n_rows == 1 else self._batch_statistics()
        np.divide(1, np.sqrt(variance + self._inverse.dtype.type(EPSILON)), out=self._inverse)
        np.subtract(self._x, mean, out=self._normed)
        np.multiply(self._normed, self._inverse, out=self._normed)
        np.multiply(self._normed, self._scale, out=self.y.values)
        np.add(self.y.values, self._shift, out=self.y.values)

    def _batch_statistics(self) -> tuple[Array, Array]:
        mean = np.mean(self._x, axis=1, keepdims=True)
        variance = np.mean(np.square(self._x - mean), axis=1, keepdims=True)
        self._update_running(self._mean, mean)
        self._update_running(self._variance, variance * variance.dtype.type(self._n_rows / (self._n_rows - 1)))
        return mean, variance

    @staticmethod
    def _update_running(running: Array, batch: Array) -> None:
        np.multiply(running, running.dtype.type(1 - MOMENTUM), out=running)
        np.add(running, batch * running.dtype.type(MOMENTUM), out=running)

    def backward(self, grad: Array) -> Array:
        np.sum(grad * self._normed, axis=1, out=self._grad_scale)
        np.sum(grad, axis=1, out=self._grad_shift)
        np.multiply(grad, self._scale, out=grad)
        if self._n_rows > 1:
            mean_grad = np.mean(grad, axis=1, keepdims=True)
            mean_product = np.mean(grad * self._normed, axis=1, keepdims=True)
            np.subtract(grad, mean_grad, out=grad)
            np.subtract(grad, self._normed * mean_product, out=grad)
        return np.multiply(grad, self._inverse, out=grad)
