"""Smooth relatives of the relu."""

import math

import numpy as np

from models.arrays import Array
from models.network.activations.activation import Elementwise
from models.network.activations.saturating import sigmoid

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def softplus(z: Array) -> Array:
    """log(1 + e^z) = max(z, 0) + log(1 + e^(−|z|)), which cannot overflow."""
    out: Array = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return out


class Elu(Elementwise):
    """f(z) = z above 0 and e^z − 1 below; f′ below 0 is f + 1 (Clevert et al. 2016)."""

    def forward(self, z: Array, out: Array) -> Array:
        below = np.expm1(np.minimum(z, 0))
        np.maximum(z, 0, out=out)
        np.add(out, below, out=out)
        return out

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        np.multiply(grad, np.minimum(a, 0) + 1, out=grad)


class Selu(Elementwise):
    """f(z) = λ z above 0 and λ α (e^z − 1) below (Klambauer et al. 2017, with their α and λ)."""

    def forward(self, z: Array, out: Array) -> Array:
        below = np.expm1(np.minimum(z, 0)) * z.dtype.type(SELU_ALPHA * SELU_SCALE)
        np.maximum(z, 0, out=out)
        np.multiply(out, z.dtype.type(SELU_SCALE), out=out)
        np.add(out, below, out=out)
        return out

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        below = np.minimum(a, 0) + a.dtype.type(SELU_ALPHA * SELU_SCALE)
        np.multiply(grad, np.where(a > 0, a.dtype.type(SELU_SCALE), below), out=grad)


class Softplus(Elementwise):
    """f(z) = log(1 + e^z); f′ = 1 − e^(−f) (Dugas et al. 2001)."""

    def forward(self, z: Array, out: Array) -> Array:
        np.copyto(out, softplus(z))
        return out

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        np.multiply(grad, -np.expm1(-a), out=grad)


class Gelu(Elementwise):
    """f(z) = ½ z (1 + tanh u), u = √(2/π) (z + 0.044715 z³) (Hendrycks and Gimpel 2016, section 2).

    Of the paper's two forms, this one does not need the error function, which NumPy does not have. With t = tanh u,
    f′ = ½ (1 + t) + ½ z (1 − t²) u′.
    """

    keeps_z = True
    _factor = math.sqrt(2 / math.pi)
    _cubic = 0.044715

    def _tanh(self, z: Array) -> Array:
        t: Array = np.tanh(z.dtype.type(self._factor) * (z + z.dtype.type(self._cubic) * z * z * z))
        return t

    def forward(self, z: Array, out: Array) -> Array:
        t = self._tanh(z)
        np.multiply(z * z.dtype.type(0.5), 1 + t, out=out)
        return out

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        t = self._tanh(z)
        u_slope = z.dtype.type(self._factor) * (1 + z.dtype.type(3 * self._cubic) * z * z)
        slope = (1 + t) + z * (1 - t * t) * u_slope
        np.multiply(grad, slope * z.dtype.type(0.5), out=grad)


class Silu(Elementwise):
    """f(z) = z σ(z), also called swish; f′ = σ + f (1 − σ) (Elfwing et al. 2018)."""

    keeps_z = True

    def forward(self, z: Array, out: Array) -> Array:
        return np.multiply(z, sigmoid(z, np.empty_like(z)), out=out)

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        s = sigmoid(z, np.empty_like(z))
        np.multiply(grad, s + a * (1 - s), out=grad)


class Mish(Elementwise):
    """f(z) = z tanh(softplus z); with t = tanh(softplus z), f′ = t + z σ(z) (1 − t²) (Misra 2019)."""

    keeps_z = True

    def forward(self, z: Array, out: Array) -> Array:
        np.multiply(z, np.tanh(softplus(z)), out=out)
        return out

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        t = np.tanh(softplus(z))
        np.multiply(grad, t + z * sigmoid(z, np.empty_like(z)) * (1 - t * t), out=grad)
