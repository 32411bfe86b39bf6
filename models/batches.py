"""Rows in the order of an epoch, as contiguous batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.arrays import Array
from models.losses import LossFunction

BLOCK_NUMBERS = 1 << 20
"""How many feature values a block holds at most (or one batch): a few megabytes, whatever the size of the data."""


@dataclass(frozen=True)
class Rows:
    """x of shape (n_rows, n_inputs), y of shape (n_rows, n_outputs), weight of shape (n_rows, 1) or none."""

    x: Array
    y: Array
    weight: Array | None

    def __len__(self) -> int:
        return len(self.x)

    def part(self, start: int, stop: int) -> "Rows":
        """The rows from start to stop, as views."""
        return Rows(self.x[start:stop], self.y[start:stop], None if self.weight is None else self.weight[start:stop])


class Batch(NamedTuple):
    """The rows of one update, and where their outputs go."""

    n_rows: int
    x: Array
    y: Array
    weight: Array | None
    out: Array


class Block:
    """Some batches one after the other in memory; their views are made once and used in every epoch."""

    def __init__(self, rows: Rows, batch_size: int) -> None:
        self.rows = rows
        self._out = np.zeros_like(rows.y)
        self.batches = [self._batch(start, batch_size) for start in range(0, len(rows), batch_size)]

    def _batch(self, start: int, batch_size: int) -> Batch:
        part = self.rows.part(start, start + batch_size)
        return Batch(len(part), part.x, part.y, part.weight, self._out[start : start + batch_size])

    def loss_sum(self, loss: LossFunction) -> float:
        """The sum of the rows' losses, from the outputs that the updates left here: one statement for all batches."""
        values = loss.values(self._out, self.rows.y)
        if self.rows.weight is not None:
            values = values * self.rows.weight[:, 0]
        return float(np.sum(values, dtype=np.float64))


class Batches:
    """Cuts an epoch into blocks, and blocks into batches.

    Shuffled rows are gathered block by block into the same buffers: batches are then contiguous, and memory does not
    grow with the data, which may be a memory map. Rows in their own order are read where they are.
    """

    def __init__(self, rows: Rows, batch_size: int) -> None:
        self._rows, self._batch_size = rows, min(batch_size, len(rows))
        in_a_block = max(BLOCK_NUMBERS // (rows.x.shape[1] * self._batch_size), 1)
        self._block_rows = min(in_a_block * self._batch_size, len(rows))
        self._kept: dict[tuple[int, int], Block] = {}
        self._buffers: Rows | None = None

    @property
    def n_batches(self) -> int:
        """The number of updates in an epoch."""
        return -(-len(self._rows) // self._batch_size)

    def blocks(self, order: Array | None) -> Iterator[Block]:
        """The blocks of one epoch: rows in the order given, or in their own."""
        for start in range(0, len(self._rows), self._block_rows):
            stop = min(start + self._block_rows, len(self._rows))
            yield self._block_in_place(start, stop) if order is None else self._gathered(order[start:stop])

    def _block_in_place(self, start: int, stop: int) -> Block:
        if stop - start < len(self._rows):
            return Block(self._rows.part(start, stop), self._batch_size)
        if (start, stop) not in self._kept:
            self._kept[start, stop] = Block(self._rows, self._batch_size)
        return self._kept[start, stop]

    def _gathered(self, chosen: Array) -> Block:
        buffers = self._buffers = self._buffers or _empty_like(self._rows, self._block_rows)
        n = len(chosen)
        np.take(self._rows.x, chosen, axis=0, out=buffers.x[:n], mode="clip")
        np.take(self._rows.y, chosen, axis=0, out=buffers.y[:n], mode="clip")
        if self._rows.weight is not None and buffers.weight is not None:
            np.take(self._rows.weight, chosen, axis=0, out=buffers.weight[:n], mode="clip")
        if (0, n) not in self._kept:
            self._kept[0, n] = Block(buffers.part(0, n), self._batch_size)
        return self._kept[0, n]


def _empty_like(rows: Rows, n: int) -> Rows:
    weight = None if rows.weight is None else np.empty((n, 1), rows.weight.dtype)
    x = np.empty((n, rows.x.shape[1]), rows.x.dtype)
    return Rows(x, np.empty((n, rows.y.shape[1]), rows.y.dtype), weight)
