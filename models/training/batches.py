"""Rows in the order of an epoch, as transposed batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.arrays import Array
from models.training.losses import LossFunction

BLOCK_NUMBERS = 1 << 20
"""How many feature values a block holds at most (or one batch): a few megabytes, whatever the size of the data."""


@dataclass(frozen=True)
class Rows:
    """x of shape (n_rows, n_inputs + 1), its last column ones; y and weight are transposed already.

    y has shape (n_outputs, n_rows), and weight (1, n_rows), or is None. A memory map stays in its file, without ones:
    its rows are read block by block (`is_streamed`).
    """

    x: Array
    y: Array
    weight: Array | None
    is_streamed: bool = False

    def __len__(self) -> int:
        return len(self.x)

    @property
    def width(self) -> int:
        """n_inputs + 1."""
        return int(self.x.shape[1]) + self.is_streamed

    def slice(self, start: int, stop: int) -> "Rows":
        """Views of the rows from `start` to `stop`."""
        weight = None if self.weight is None else self.weight[:, start:stop]
        return Rows(self.x[start:stop], self.y[:, start:stop], weight)


class Batch(NamedTuple):
    """The rows of one update, transposed, and the array for their outputs."""

    n_rows: int
    x: Array
    y: Array
    weight: Array | None
    out: Array


class Block:
    """Several batches, one after the other in memory; their views are made once and used in every epoch."""

    def __init__(self, rows: Rows, batch_size: int) -> None:
        self._rows = rows
        self._out = np.zeros(rows.y.shape, rows.y.dtype)
        self.batches = [self._batch(start, start + batch_size) for start in range(0, len(rows), batch_size)]

    def _batch(self, start: int, stop: int) -> Batch:
        rows = self._rows.slice(start, stop)
        return Batch(len(rows), rows.x.T, rows.y, rows.weight, self._out[:, start:stop])

    def loss_sum(self, loss: LossFunction) -> float:
        """The sum of the rows' losses, from the outputs that the updates wrote: one statement for all batches."""
        values = loss.values(self._out.T, self._rows.y.T)
        if self._rows.weight is not None:
            values = values * self._rows.weight[0]
        return float(np.add.reduce(values, dtype=np.float64))


class Batches:
    """Divides an epoch into blocks of whole batches; only the last batch may be shorter.

    Shuffled rows are gathered block by block into the same buffers: batches are then contiguous, and memory does not
    grow with the data. Rows that are not shuffled are read in place, unless they are streamed.
    """

    def __init__(self, rows: Rows, batch_size: int) -> None:
        self._rows, self._size = rows, min(batch_size, len(rows))
        self._block_rows = max(BLOCK_NUMBERS // (rows.width * self._size), 1) * self._size
        self._kept: dict[tuple[int, int], Block] = {}
        self._buffers: Rows | None = None

    @property
    def n_batches(self) -> int:
        """The number of updates in an epoch."""
        return -(-len(self._rows) // self._size)

    def order(self, rng: np.random.Generator) -> Array:
        """A permutation of the rows; for streamed rows, one of the blocks and then of the rows within each.

        Streamed rows are then read from one block of the file at a time.
        """
        if not self._rows.is_streamed:
            return rng.permutation(len(self._rows))
        blocks = [np.arange(start, stop) for start, stop in self._cuts()]
        return np.concatenate([rng.permutation(blocks[i]) for i in rng.permutation(len(blocks))])

    def blocks(self, order: Array | None) -> Iterator[Block]:
        """The blocks of one epoch, with the rows in this order; None keeps the order of the data."""
        for start, stop in self._cuts():
            if order is not None:
                yield self._gathered(order[start:stop])
            elif self._rows.is_streamed:
                yield self._gathered(np.arange(start, stop))
            else:
                yield self._in_place(start, stop)

    def _cuts(self) -> Iterator[tuple[int, int]]:
        for start in range(0, len(self._rows), self._block_rows):
            yield start, min(start + self._block_rows, len(self._rows))

    def _in_place(self, start: int, stop: int) -> Block:
        """A block that reads the rows in place; kept for the next epoch if there is no other block."""
        block = self._kept.get((start, stop)) or Block(self._rows.slice(start, stop), self._size)
        if stop - start == len(self._rows):
            self._kept[start, stop] = block
        return block

    def _gathered(self, indices: Array) -> Block:
        n = len(indices)
        buffers = self._buffers = self._buffers or _empty_like(self._rows, n)
        if self._rows.is_streamed:
            buffers.x[:n, :-1] = self._rows.x[indices]
        else:
            self._rows.x.take(indices, 0, buffers.x[:n], "clip")
        self._rows.y.take(indices, 1, buffers.y[:, :n], "clip")
        if self._rows.weight is not None and buffers.weight is not None:
            self._rows.weight.take(indices, 1, buffers.weight[:, :n], "clip")
        block = self._kept.get((0, n))
        if block is None:
            block = self._kept[0, n] = Block(buffers.slice(0, n), self._size)
        return block


def with_ones(x: Array, dtype: np.dtype[np.generic]) -> Array:
    """x with a last column of ones, whose weights are the biases."""
    joined = np.ones((x.shape[0], x.shape[1] + 1), dtype)
    joined[:, :-1] = x
    return joined


def _empty_like(rows: Rows, n: int) -> Rows:
    weight = None if rows.weight is None else np.empty((1, n), rows.weight.dtype)
    return Rows(np.ones((n, rows.width), rows.y.dtype), np.empty((rows.y.shape[0], n), rows.y.dtype), weight)
