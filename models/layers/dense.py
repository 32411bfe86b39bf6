"""The layer that holds the weights."""

import numpy as np

from models.arrays import Array
from models.layers.layer import WorkspaceSetting


class Dense:
    """y = x W + b, with x of shape (n_samples, n_inputs) and y of shape (n_samples, n_outputs)."""

    def __init__(self, name: str, weight: Array, bias: Array) -> None:
        self.name, self.weight, self.bias = name, weight, bias

    def forward(self, x: Array) -> Array:
        y = np.dot(x, self.weight)
        return np.add(y, self.bias, out=y)

    def workspace(self, setting: WorkspaceSetting, needs_grad_x: bool) -> "DenseWorkspace":
        return DenseWorkspace(self, setting, needs_grad_x)


class DenseWorkspace:
    """dL/dW = xᵀ dL/dy, dL/db = Σ dL/dy, dL/dx = dL/dy Wᵀ (Goodfellow et al. 2016, section 6.5).

    `np.dot` with `out` costs half of `np.matmul` for small matrices, and a product with a row of ones a third of a
    sum along the rows; for wide ones they are alike (benchmarks/README.md).
    """

    def __init__(self, layer: Dense, setting: WorkspaceSetting, needs_grad_x: bool) -> None:
        n_inputs, n_outputs = layer.weight.shape
        self._weight, self._bias, self._weight_transposed = layer.weight, layer.bias, layer.weight.T
        self._grad_weight = setting.gradients[f"{layer.name}.weight"]
        self._grad_bias = setting.gradients[f"{layer.name}.bias"]
        self._ones = np.ones(setting.n_rows, setting.dtype)
        self._y = setting.buffer(n_outputs)
        self._grad_x = setting.buffer(n_inputs) if needs_grad_x else None
        self._x = self._y

    def forward(self, x: Array, out: Array | None = None) -> Array:
        self._x = x
        y = np.dot(x, self._weight, self._y if out is None else out)
        return np.add(y, self._bias, y)

    def backward(self, grad: Array) -> Array:
        np.dot(self._x.T, grad, self._grad_weight)
        np.dot(self._ones, grad, self._grad_bias)
        if self._grad_x is None:
            return grad
        return np.dot(grad, self._weight_transposed, self._grad_x)
