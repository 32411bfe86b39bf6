"""Losses of numbers: means over rows and outputs of the distance between ŷ and y."""

from typing import ClassVar

import numpy as np

from models.arrays import Array

ALL_OUTPUTS = ("linear", "sigmoid", "softmax", "exponential")


def mean_over_outputs(values: Array) -> Array:
    """The mean of each row, of shape (n_samples,), for values of shape (n_samples, n_outputs)."""
    means: Array = np.add.reduce(values, axis=1) / values.shape[1]
    return means


class ElementwiseLoss:
    """The mean over n rows and k outputs: each element counts 1/(n k)."""

    on_logits: ClassVar[bool] = False
    outputs: ClassVar[tuple[str, ...]] = ALL_OUTPUTS

    def targets(self, y: Array) -> Array:
        return y

    def share(self, n_rows: int, n_outputs: int) -> float:
        return 1 / (n_rows * n_outputs)


class Mse(ElementwiseLoss):
    """L = mean (ŷ − y)²; dL/dŷ = 2 (ŷ − y) / (n k)."""

    def values(self, out: Array, y: Array) -> Array:
        return mean_over_outputs(np.square(out - y))

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        np.subtract(out, y, out=slope)

    def share(self, n_rows: int, n_outputs: int) -> float:
        return 2 / (n_rows * n_outputs)


class Mae(ElementwiseLoss):
    """L = mean |ŷ − y|; dL/dŷ = sign(ŷ − y) / (n k)."""

    def values(self, out: Array, y: Array) -> Array:
        return mean_over_outputs(np.abs(out - y))

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        np.subtract(out, y, out=slope)
        np.sign(slope, out=slope)


class Huber(ElementwiseLoss):
    """With d = ŷ − y: ½ d² where |d| ≤ δ, δ (|d| − ½ δ) elsewhere; the slope is d cut to ±δ (Huber 1964)."""

    def __init__(self, delta: float) -> None:
        self.delta = delta

    def values(self, out: Array, y: Array) -> Array:
        distance = np.abs(out - y)
        inner = np.minimum(distance, self.delta)
        return mean_over_outputs(inner * (distance - inner / 2))

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        np.subtract(out, y, out=slope)
        np.clip(slope, -self.delta, self.delta, out=slope)


class Quantile(ElementwiseLoss):
    """The pinball loss: q (y − ŷ) where y is above, (1 − q) (ŷ − y) where below (Koenker and Bassett 1978)."""

    def __init__(self, quantile: float) -> None:
        self.quantile = quantile

    def values(self, out: Array, y: Array) -> Array:
        above = y - out
        return mean_over_outputs(np.maximum(self.quantile * above, (self.quantile - 1) * above))

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        np.subtract(out, y, out=slope)
        np.sign(slope, out=slope)
        np.multiply(slope, np.where(slope > 0, 1 - self.quantile, self.quantile), out=slope)
