"""Losses of classes and counts, all computed from the logits z, where nothing overflows."""

from typing import ClassVar

import numpy as np

from models.arrays import Array
from models.network.activations.saturating import Exponential, sigmoid
from models.network.activations.smooth import softplus
from models.training.losses.regression import ElementwiseLoss, mean_over_outputs


class BinaryCrossEntropy(ElementwiseLoss):
    """−y log σ(z) − (1 − y) log(1 − σ(z)) = softplus(z) − y z; the slope is σ(z) − y.

    With smoothing s a label y becomes (1 − s) y + s/2 (Szegedy et al. 2016, section 7, for two classes).
    """

    on_logits: ClassVar[bool] = True
    outputs: ClassVar[tuple[str, ...]] = ("sigmoid",)

    def __init__(self, label_smoothing: float) -> None:
        self.label_smoothing = label_smoothing

    def targets(self, y: Array) -> Array:
        return (1 - self.label_smoothing) * y + self.label_smoothing / 2

    def values(self, out: Array, y: Array) -> Array:
        return mean_over_outputs(softplus(out) - y * out)

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        sigmoid(out, slope)
        np.subtract(slope, y, out=slope)


class CrossEntropy:
    """−Σ y log softmax(z) = log Σ e^z − Σ y z for labels that sum to 1; the slope is softmax(z) − y.

    Sums over the classes of each row are fastest along axis 0 of a transposed copy (measured).

    With smoothing s and K classes a label y becomes (1 − s) y + s/K (Szegedy et al. 2016, section 7).
    """

    on_logits: ClassVar[bool] = True
    outputs: ClassVar[tuple[str, ...]] = ("softmax",)

    def __init__(self, label_smoothing: float) -> None:
        self.label_smoothing = label_smoothing

    def targets(self, y: Array) -> Array:
        targets: Array = (1 - self.label_smoothing) * y + self.label_smoothing / y.shape[1]
        return targets

    def values(self, out: Array, y: Array) -> Array:
        z = np.ascontiguousarray(out.T)
        largest = np.maximum.reduce(z, axis=0)
        log_sum = np.log(np.add.reduce(np.exp(z - largest), axis=0))
        values: Array = log_sum + largest - np.add.reduce(y.T * z, axis=0)
        return values

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        np.subtract(out, np.maximum.reduce(out, axis=0), slope)
        np.exp(slope, slope)
        np.divide(slope, np.add.reduce(slope, axis=0), slope)
        np.subtract(slope, y, slope)

    def share(self, n_rows: int, n_outputs: int) -> float:
        return 1 / n_rows


class Hinge(ElementwiseLoss):
    """max(0, 1 − t z) with t = 2 y − 1; the slope is −t inside the margin (Cortes and Vapnik 1995)."""

    on_logits: ClassVar[bool] = True

    def values(self, out: Array, y: Array) -> Array:
        return mean_over_outputs(np.maximum(0, 1 - (2 * y - 1) * out))

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        side = 2 * y - 1
        np.multiply(side * out < 1, -side, out=slope)


class Poisson(ElementwiseLoss):
    """e^z − y z, the negative log likelihood of a count y of rate e^z without its constant; the slope is e^z − y."""

    on_logits: ClassVar[bool] = True
    outputs: ClassVar[tuple[str, ...]] = ("exponential", "linear")

    def values(self, out: Array, y: Array) -> Array:
        rate = Exponential().forward(out, np.empty_like(out))
        return mean_over_outputs(rate - y * out)

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        Exponential().forward(out, slope)
        np.subtract(slope, y, out=slope)
