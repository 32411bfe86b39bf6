"""The forward pass of several rows in transposed form, one row for each feature, as training keeps its batches."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.arrays import Array
from models.network.activations import Activation
from models.network.layers import ActivationLayer, Dense, Dropout, Layer, Signal

# A single row is faster as it is, and so are wide inputs, which would have to be transposed first (measured).
FEWEST_ROWS, MOST_INPUTS = 2, 128


class TransposedForward:
    """Dense layers and their activations, on signals as in training; each weight includes its layer's bias.

    For 1,000 rows and 16 neurons this takes three fifths of the time of adding biases to rows; the results may differ
    in their last bits.
    """

    def __init__(
        self, weights: Sequence[Array], activations: Sequence[Activation], dtype: np.dtype[np.generic]
    ) -> None:
        """`weights` are of shape (n_outputs, n_inputs + 1), the bias last; there is one more than `activations`."""
        *self._hidden, self._output = weights
        self._activations, self._dtype = activations, dtype

    def logits(self, x: Array) -> Array:
        """The last layer's values, of shape (n_outputs, n_samples)."""
        for values in self.layers(x):
            logits = values
        return logits

    def layers(self, x: Array) -> Iterator[Array]:
        """Each hidden layer's values, then the logits, of shapes (width, n_samples), for x (n_samples, n_inputs)."""
        # [W; b]ᵀ [x; 1] = Wᵀ x + b: each signal has a row of ones below its values, so one product adds the bias too.
        signal = Signal(x.shape[1], len(x), self._dtype)
        signal.values[...] = x.T
        for weight, activation in zip(self._hidden, self._activations, strict=True):
            following = Signal(len(weight), len(x), self._dtype)
            np.dot(weight, signal.with_ones, following.values)
            yield activation.forward(following.values, following.values)
            signal = following
        yield np.dot(self._output, signal.with_ones)


def transposed_forward(
    layers: Sequence[Layer], output: Dense, n_inputs: int, dtype: np.dtype[np.generic]
) -> TransposedForward | None:
    """The transposed forward pass of these layers; None for networks with other layers (norms) or with wide inputs."""
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    activations = [layer.activation.transposed for layer in layers if isinstance(layer, ActivationLayer)]
    if n_inputs > MOST_INPUTS or not all(isinstance(layer, Dense | ActivationLayer | Dropout) for layer in layers):
        return None
    return TransposedForward([layer.joined.T for layer in (*dense, output)], activations, dtype)
