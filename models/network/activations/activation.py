"""What every activation does: compute its values, and propagate gradients back through its slope."""

from typing import Protocol, Self

from models.arrays import Array


class Activation(Protocol):
    """a = f(z), with z and a of shape (n_samples, width)."""

    def forward(self, z: Array, out: Array) -> Array:
        """Write f(z) into `out`, which may be `z` itself, and return it."""

    def backward(self, z: Array, a: Array, grad: Array) -> None:
        """Turn dL/da into dL/dz = dL/da · f′(z), in place; `z` is only read where `keeps_z` says so."""

    @property
    def transposed(self) -> "Activation":
        """This activation for arrays of shape (width, n_samples): itself, except for softmax."""

    @property
    def keeps_z(self) -> bool:
        """Whether the slope is computed from z; where it is computed from a alone, z may be overwritten."""


class Elementwise:
    """An activation of each value by itself, for arrays of either orientation; most need only a for their slope."""

    keeps_z = False

    @property
    def transposed(self) -> Self:
        return self
