"""Where the parameters of many networks of one shape lie in one flat vector, so that every product is one call."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.arrays import Array


class Layout:
    """For k networks of layers [W; b] of shape (n_inputs + 1, n_outputs), their bias as the last row.

    The first layers lie as one matrix of all their neurons, (k n_outputs, n_inputs + 1), since all read the same rows:
    one product for all. Further layers lie one behind the other, (k, n_inputs + 1, n_outputs). `rows` and `fill` turn
    this into one row a network, in the order in which a network holds its own, and back.
    """

    def __init__(self, widths: Sequence[int], n_networks: int) -> None:
        self.widths, self.n_networks = tuple(widths), n_networks
        self.shapes = [(a + 1, b) for a, b in pairwise(widths)]
        self.n_parameters = sum(a * b for a, b in self.shapes)
        self.size = n_networks * self.n_parameters

    def blocks(self, vector: Array) -> list[Array]:
        """Views of a flat vector, one a layer, as they lie."""
        k, blocks, start = self.n_networks, [], 0
        for i, (a, b) in enumerate(self.shapes):
            part = vector[start : start + k * a * b]
            blocks.append(part.reshape(k * b, a) if i == 0 else part.reshape(k, a, b))
            start += k * a * b
        return blocks

    def by_network(self, vector: Array) -> list[Array]:
        """Views of a flat vector, one a layer, each of shape (k, n_inputs + 1, n_outputs)."""
        first, *others = self.blocks(vector)
        n_inputs, n_outputs = self.shapes[0]
        return [first.reshape(self.n_networks, n_outputs, n_inputs).swapaxes(1, 2), *others]

    def rows(self, vector: Array) -> Array:
        """A copy of shape (k, n_parameters)."""
        return np.concatenate([one.reshape(self.n_networks, -1) for one in self.by_network(vector)], axis=1)

    def fill(self, vector: Array, rows: Array) -> None:
        """Write one row a network into the vector."""
        start = 0
        for block in self.by_network(vector):
            stop = start + block.shape[1] * block.shape[2]
            block[...] = rows[:, start:stop].reshape(block.shape)
            start = stop

    def spread(self, values: Sequence[float], dtype: np.dtype[np.generic], *, weights_alone: bool = False) -> Array:
        """A flat vector with each network's value at all its parameters, or at all but its biases."""
        vector = np.empty(self.size, dtype)
        for block in self.by_network(vector):
            block[...] = np.asarray(values)[:, None, None]
            if weights_alone:
                block[:, -1] = 0
        return vector
