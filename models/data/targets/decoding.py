"""From a network's outputs, in float64, to what a caller reads: probabilities, or numbers in raw units."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.network.activations import ACTIVATIONS

Array = NDArray[Any]

Decoder = Callable[[Array], Array]
"""Of arrays of shape (n_rows, n_outputs)."""


def unchanged(outputs: Array) -> Array:
    """They are what a caller reads."""
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
    """The same from a margin, 0 where neither is likelier."""
    return both(sigmoid(margin))


def shares(outputs: Array) -> Array:
    """Outputs that are each a probability of their own, as shares of their sum; equal ones where all are 0."""
    positive: Array = np.maximum(outputs, np.finfo(outputs.dtype).tiny)
    return np.asarray(positive / positive.sum(axis=1, keepdims=True))
