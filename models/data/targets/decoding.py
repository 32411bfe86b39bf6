"""From a network's outputs, in float64, to probabilities, or numbers in raw units."""

from collections.abc import Callable

import numpy as np

from models.arrays import Array
from models.network.activations import ACTIVATIONS

Decoder = Callable[[Array], Array]
"""A function of arrays of shape (n_rows, n_outputs)."""


def unchanged(outputs: Array) -> Array:
    """The outputs themselves."""
    return outputs


def sigmoid(z: Array) -> Array:
    """1 / (1 + e⁻ᶻ)."""
    return ACTIVATIONS["sigmoid"].forward(z, np.empty_like(z))


def softmax(z: Array) -> Array:
    """eᶻ / Σ eᶻ over each row."""
    return ACTIVATIONS["softmax"].forward(z, np.empty_like(z))


def exponential(z: Array) -> Array:
    """eᶻ, bounded where it would overflow."""
    return ACTIVATIONS["exponential"].forward(z, np.empty_like(z))


def both(p: Array) -> Array:
    """The probabilities of both classes from that of the second."""
    return np.concatenate([1.0 - p, p], axis=1)


def both_of_margin(margin: Array) -> Array:
    """The probabilities of both classes from a margin, which is 0 where both are equally likely."""
    return both(sigmoid(margin))


def shares(outputs: Array) -> Array:
    """Independent probabilities divided by their sum; equal ones where all are 0."""
    positive: Array = np.maximum(outputs, np.finfo(outputs.dtype).tiny)
    return np.asarray(positive / positive.sum(axis=1, keepdims=True))
