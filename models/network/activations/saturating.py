"""Activations that level off on both sides, and the outputs that are probabilities or counts."""

import numpy as np

from models.arrays import Array
from models.network.activations.activation import Elementwise

_ONE: dict[str, Array] = {"f": np.array(1, np.float32), "d": np.array(1, np.float64)}
_LARGEST_EXPONENT: dict[str, Array] = {"f": np.array(88, np.float32), "d": np.array(709, np.float64)}


def sigmoid(z: Array, out: Array) -> Array:
    """1 / (1 + e^(−z)); the exponent is bounded where the exponential would overflow, so far below 0 it is 1e-38."""
    kind = z.dtype.char
    np.negative(z, out=out)
    np.minimum(out, _LARGEST_EXPONENT[kind], out=out)
    np.exp(out, out=out)
    np.add(out, _ONE[kind], out=out)
    return np.divide(_ONE[kind], out, out=out)


class Sigmoid(Elementwise):
    """f(z) = 1 / (1 + e^(−z)); f′ = f (1 − f)."""

    def forward(self, z: Array, out: Array) -> Array:
        return sigmoid(z, out)

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        slope = np.subtract(_ONE[a.dtype.char], a)
        np.multiply(slope, a, out=slope)
        np.multiply(grad, slope, out=grad)


class Tanh(Elementwise):
    """f(z) = tanh z; f′ = 1 − f²."""

    def forward(self, z: Array, out: Array) -> Array:
        return np.tanh(z, out=out)

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        slope = np.multiply(a, a)
        np.subtract(_ONE[a.dtype.char], slope, out=slope)
        np.multiply(grad, slope, out=grad)


class Softsign(Elementwise):
    """f(z) = z / (1 + |z|); f′ = (1 − |f|)² (Bergstra et al. 2009)."""

    def forward(self, z: Array, out: Array) -> Array:
        np.divide(z, 1 + np.abs(z), out=out)
        return out

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        np.multiply(grad, np.square(1 - np.abs(a)), out=grad)


class Softmax:
    """f(z)ᵢ = e^zᵢ / Σⱼ e^zⱼ over each row; dL/dz = f · (dL/da − Σⱼ fⱼ dL/daⱼ) (Goodfellow et al. 2016, section 6.2).

    The largest z of each row is subtracted first, so that nothing overflows. Many rows of few classes are transposed,
    because NumPy would reduce them row by row, at three times the cost; the bits are the same.
    """

    keeps_z = False
    fewest_rows, most_classes = 64, 7

    def __init__(self, axis: int = -1) -> None:
        self._axis = axis

    @property
    def transposed(self) -> "Softmax":
        return Softmax(axis=0)

    def forward(self, z: Array, out: Array) -> Array:
        if self._axis == -1 and z.ndim == 2 and z.shape[1] <= self.most_classes and len(z) >= self.fewest_rows:
            columns = z.T.copy()
            out[...] = self.transposed.forward(columns, columns).T
            return out
        np.subtract(z, np.maximum.reduce(z, axis=self._axis, keepdims=True), out=out)
        np.exp(out, out=out)
        return np.divide(out, np.add.reduce(out, axis=self._axis, keepdims=True), out=out)

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        np.subtract(grad, np.add.reduce(grad * a, axis=self._axis, keepdims=True), out=grad)
        np.multiply(grad, a, out=grad)


class Exponential(Elementwise):
    """f(z) = e^z, the expected count of a Poisson regression; f′ = f."""

    def forward(self, z: Array, out: Array) -> Array:
        np.minimum(z, _LARGEST_EXPONENT[z.dtype.char], out=out)
        return np.exp(out, out=out)

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        np.multiply(grad, a, out=grad)
