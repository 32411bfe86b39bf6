"""The dense layer, which holds the weights."""

import numpy as np

from models.arrays import Array
from models.network.layers.layer import Signal, WorkspaceSetting


class Dense:
    """y = x W + b, with x of shape (n_samples, n_inputs) and y of shape (n_samples, n_outputs).

    `joined` is W with b as its last row, a view of the flat parameter vector.
    """

    def __init__(self, name: str, joined: Array) -> None:
        self.name, self.joined = name, joined
        self.weight, self.bias = joined[:-1], joined[-1]
        self._bias_row = joined[-1:]  # NumPy adds a row to a single row in half the time of a vector

    def forward(self, x: Array) -> Array:
        y: Array = np.dot(x, self.weight)
        np.add(y, self._bias_row, y)
        return y

    def workspace(self, setting: WorkspaceSetting, x: Signal | None) -> "DenseWorkspace":
        return DenseWorkspace(self, setting, x)


class DenseWorkspace:
    """Transposed, with [x; 1] for x and a row of ones: y = [W; b]ᵀ [x; 1], d[W; b] = [x; 1] dyᵀ, dx = W dy.

    (Goodfellow et al. 2016, section 6.5.) `np.dot` with `out` takes half the time of `np.matmul` for small matrices,
    and the same for large ones. The first layer's `x` is set for each batch.
    """

    def __init__(self, layer: Dense, setting: WorkspaceSetting, x: Signal | None) -> None:
        n_inputs, n_outputs = layer.weight.shape
        self.x = setting.buffer(n_inputs + 1) if x is None else x.with_ones
        self.y = setting.signal(n_outputs)
        self._y = self.y.values
        self._weight, self._joined_transposed = layer.weight, layer.joined.T
        self._grad_joined = setting.gradients[layer.name]
        self._grad_x = None if x is None else setting.buffer(n_inputs)

    def forward(self) -> None:
        np.dot(self._joined_transposed, self.x, self._y)

    def backward(self, grad: Array) -> Array:
        np.dot(self.x, grad.T, self._grad_joined)
        return grad if self._grad_x is None else np.dot(self._weight, grad, self._grad_x)
