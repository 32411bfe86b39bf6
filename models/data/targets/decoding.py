"""From a network's outputs, in float64, to probabilities, or numbers in raw units."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.network.activations import ACTIVATIONS

Array = NDArray[Any]

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
    """The probabilities of both classes from a margin, which is 0 where they are equal."""
    return both(sigmoid(margin))


def shares(outputs: Array) -> Array:
    """Independent probabilities scaled to a sum of 1; equal ones where all are 0."""
    positive: Array = np.maximum(outputs, np.finfo(outputs.dtype).tiny)
    return np.asarray(positive / positive.sum(axis=1, keepdims=True))
