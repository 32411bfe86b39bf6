"""What keeps parameters and gradients small: L1, L2, max-norm, clipping."""

import math
from collections.abc import Callable

import numpy as np

from models.arrays import Array
from models.network.network import Network
from models.specification import GradientClip

Adjustment = Callable[[Array], None]


def gradient_adjustments(network: Network, clip: GradientClip | None) -> list[Adjustment]:
    """The changes of the flat gradient before each update, in order."""
    adjustments: list[Adjustment] = []
    if network.specification.l1 or network.specification.l2:
        adjustments.append(Penalty(network).add_slope)
    if clip is not None and clip.norm is not None:
        adjustments.append(_clip_norm(clip.norm))
    if clip is not None and clip.value is not None:
        adjustments.append(_clip_value(clip.value))
    return adjustments


class Penalty:
    """λ₁ Σ|w| + ½ λ₂ Σw² over the weights, with slope λ₁ sign w + λ₂ w (Goodfellow et al. 2016, section 7.1).

    Biases and norms are free: they carry a factor of 0 in the flat vectors.
    """

    def __init__(self, network: Network) -> None:
        self._parameters = network.parameters
        self._l1 = _on_weights(network, network.specification.l1)
        self._l2 = _on_weights(network, network.specification.l2)

    def add_slope(self, gradient: Array) -> None:
        """Add the slope of the penalty."""
        if self._l2 is not None:
            gradient += self._l2 * self._parameters
        if self._l1 is not None:
            gradient += self._l1 * np.sign(self._parameters)

    def value(self) -> float:
        """The penalty itself, which L-BFGS needs for its line search."""
        value = 0.0
        if self._l2 is not None:
            value += 0.5 * float(np.dot(self._l2, np.square(self._parameters)))
        if self._l1 is not None:
            value += float(np.dot(self._l1, np.abs(self._parameters)))
        return value


def _on_weights(network: Network, factor: float) -> Array | None:
    if not factor:
        return None
    parts = [
        np.full(math.prod(shape), factor if name.endswith(".weight") else 0.0, network.dtype)
        for name, shape in network.shapes.items()
    ]
    return np.concatenate(parts)


def _clip_norm(norm: float) -> Adjustment:
    """g ← g · norm / ‖g‖ where ‖g‖ is larger (Pascanu et al. 2013)."""

    def clip(gradient: Array) -> None:
        length = math.sqrt(float(np.dot(gradient, gradient)))
        if length > norm:
            np.multiply(gradient, gradient.dtype.type(norm / (length + 1e-6)), out=gradient)

    return clip


def _clip_value(value: float) -> Adjustment:
    def clip(gradient: Array) -> None:
        np.clip(gradient, -value, value, out=gradient)

    return clip


def bound_incoming_weights(network: Network) -> None:
    """Shorten each neuron's incoming weights to `max_norm` where they are longer (Srivastava et al. 2014)."""
    limit = network.specification.max_norm
    if limit is None:
        return
    for name in network.dense_names:
        weight = network.tensors[f"{name}.weight"]
        lengths = np.sqrt(np.sum(np.square(weight), axis=0))
        np.multiply(weight, np.minimum(1, limit / np.maximum(lengths, 1e-12)), out=weight)
