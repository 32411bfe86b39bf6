"""The order of the parameters of many networks of one shape in one flat vector, so that each product is one call."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.arrays import Array


class Layout:
    """The layout for k networks of layers [W; b] of shape (n_inputs + 1, n_outputs), with the bias as the last row.

    The first layers are stored as one matrix of all their neurons, (k n_outputs, n_inputs + 1), because they read the
    same rows: one product is enough. Further layers are stored as (k, n_inputs + 1, n_outputs). `rows` converts the
    vector to one row for each network, in the order of `Network.parameters`, and `fill` converts it back.
    """

    def __init__(self, widths: Sequence[int], n_networks: int) -> None:
        self.widths, self.n_networks = tuple(widths), n_networks
        self.shapes = [(a + 1, b) for a, b in pairwise(widths)]
        self.n_parameters = sum(a * b for a, b in self.shapes)
        self.size = n_networks * self.n_parameters

    def blocks(self, vector: Array) -> list[Array]:
        """Views of a flat vector, one for each layer, in the shapes in which they are stored."""
        k, blocks, start = self.n_networks, [], 0
        for i, (a, b) in enumerate(self.shapes):
            layer = vector[start : start + k * a * b]
            blocks.append(layer.reshape(k * b, a) if i == 0 else layer.reshape(k, a, b))
            start += k * a * b
        return blocks

    def by_network(self, vector: Array) -> list[Array]:
        """Views of a flat vector, one for each layer, all of shape (k, n_inputs + 1, n_outputs)."""
        first, *others = self.blocks(vector)
        n_inputs, n_outputs = self.shapes[0]
        return [first.reshape(self.n_networks, n_outputs, n_inputs).swapaxes(1, 2), *others]

    def rows(self, vector: Array) -> Array:
        """A copy of the vector with one row for each network, of shape (k, n_parameters)."""
        return np.concatenate([layer.reshape(self.n_networks, -1) for layer in self.by_network(vector)], axis=1)

    def fill(self, vector: Array, rows: Array) -> None:
        """Write rows, one for each network, into the vector."""
        start = 0
        for block in self.by_network(vector):
            stop = start + block.shape[1] * block.shape[2]
            block[...] = rows[:, start:stop].reshape(block.shape)
            start = stop

    def spread(self, values: Sequence[float], dtype: np.dtype[np.generic], *, weights_alone: bool = False) -> Array:
        """A flat vector with each network's value at all its parameters; with `weights_alone` 0 at its biases."""
        vector = np.empty(self.size, dtype)
        for block in self.by_network(vector):
            block[...] = np.asarray(values)[:, None, None]
            if weights_alone:
                block[:, -1] = 0
        return vector
