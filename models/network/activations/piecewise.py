"""Activations made of straight lines."""

import numpy as np

from models.arrays import Array
from models.network.activations.activation import Elementwise


class Linear(Elementwise):
    """f(z) = z."""

    def forward(self, z: Array, out: Array) -> Array:
        if out is not z:
            np.copyto(out, z)
        return out

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        pass


class Relu(Elementwise):
    """f(z) = max(0, z) (Nair and Hinton 2010); the slope at 0 is taken as 0."""

    def forward(self, z: Array, out: Array) -> Array:
        zero = _ZERO[z.dtype.char]
        if z.size >= FEWEST_FOR_A_ROW and z.shape[-1] <= LONGEST_ROW:
            zero = _ZERO_ROW[z.dtype.char][: z.shape[-1]]
        return np.maximum(z, zero, out=out)

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        np.multiply(grad, np.greater(a, _ZERO[a.dtype.char]), out=grad)


# NumPy's maximum with a single number takes twice the time of the maximum with a row of them (measured).
FEWEST_FOR_A_ROW, LONGEST_ROW = 4096, 4096
_ZERO_ROW: dict[str, Array] = {"f": np.zeros(LONGEST_ROW, np.float32), "d": np.zeros(LONGEST_ROW, np.float64)}
_ZERO: dict[str, Array] = {"f": np.array(0, np.float32), "d": np.array(0, np.float64)}


class LeakyRelu(Elementwise):
    """f(z) = z above 0 and 0.01 z below (Maas et al. 2013)."""

    slope = 0.01

    def forward(self, z: Array, out: Array) -> Array:
        np.maximum(z, z * z.dtype.type(self.slope), out=out)
        return out

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        np.multiply(grad, np.where(a > 0, a.dtype.type(1), a.dtype.type(self.slope)), out=grad)


class HardSigmoid(Elementwise):
    """f(z) = min(1, max(0, z/6 + 1/2)), the sigmoid drawn with a ruler (Howard et al. 2019, section 5.2)."""

    def forward(self, z: Array, out: Array) -> Array:
        np.divide(z, z.dtype.type(6), out=out)
        np.add(out, z.dtype.type(0.5), out=out)
        clipped: Array = np.clip(out, 0, 1, out=out)
        return clipped

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        np.multiply(grad, ((a > 0) & (a < 1)) * a.dtype.type(1 / 6), out=grad)
