"""One epoch of many networks: every row once, in the same order for all."""

from collections.abc import Sequence

import numpy as np

from models.arrays import Array
from models.averaging import AveragedParameters
from models.batches import Rows
from models.losses import LossFunction
from models.monitor import Watch
from models.schedules import Schedule
from models.search.layout import Layout
from models.search.stacked_optimizer import StackedOptimizer
from models.search.stacked_pass import StackedPass
from models.specification import NetworkSpecification

NUMBERS_AT_ONCE = 1 << 21
"""How many values of the widest signal are computed at once when rows are judged."""


class StackedEpoch:
    """The loop over batches, and the mean loss of each network on any rows."""

    def __init__(
        self,
        layout: Layout,
        parameters: Array,
        specifications: Sequence[NetworkSpecification],
        loss: LossFunction,
        optimizer: StackedOptimizer,
        average: AveragedParameters | None,
    ) -> None:
        self._layout, self._parameters, self._loss = layout, parameters, loss
        self._specification, self._optimizer, self._average = specifications[0], optimizer, average
        self._l1 = self._penalty([one.l1 for one in specifications])
        self._l2 = self._penalty([one.l2 for one in specifications])
        self._passes: dict[int, StackedPass] = {}

    def run(self, rows: Rows, batch_size: int, epoch: int, schedules: Sequence[Schedule], watch: Watch) -> Array:
        """Train on rows that lie in the order of the epoch; the mean loss of each network as the updates met them."""
        starts = range(0, len(rows), batch_size)
        outputs = np.empty((self._layout.n_networks, len(rows.y), len(rows)), self._parameters.dtype)
        moving = any(one.moves_at_each_step for one in schedules)
        rates = tuple(one.rate(epoch, 0, len(starts)) for one in schedules)
        for step, start in enumerate(starts):
            watch.look()
            if moving:
                rates = tuple(one.rate(epoch, step, len(starts)) for one in schedules)
            batch = rows.part(start, start + batch_size)
            outputs[:, :, start : start + batch_size] = self._pass(len(batch)).run(batch.x.T, batch.y, batch.weight)
            self._penalise()
            self._optimizer.update(rates)
            if self._average is not None:
                self._average.update()
        return self._losses(outputs, rows) / len(rows)

    def mean_losses(self, rows: Rows) -> Array:
        """Of each network as it is now, float64 of shape (k,)."""
        at_once = max(NUMBERS_AT_ONCE // (self._layout.n_networks * max(self._layout.widths)), 1)
        total = np.zeros(self._layout.n_networks)
        for start in range(0, len(rows), at_once):
            part = rows.part(start, start + at_once)
            total += self._losses(self._pass(len(part)).forward(part.x.T), part)
        return total / len(rows)

    def _losses(self, outputs: Array, rows: Rows) -> Array:
        """The sum over the rows of each network's losses."""
        k, n_outputs, n_rows = outputs.shape
        flat = outputs.transpose(0, 2, 1).reshape(k * n_rows, n_outputs)
        values = self._loss.values(flat, np.tile(rows.y.T, (k, 1))).reshape(k, n_rows)
        if rows.weight is not None:
            values = values * rows.weight
        total: Array = values.sum(axis=1, dtype=np.float64)
        return total

    def _penalty(self, factors: Sequence[float]) -> Array | None:
        return self._layout.spread(factors, self._parameters.dtype, weights_alone=True) if any(factors) else None

    def _penalise(self) -> None:
        """The slope of λ₁ Σ|w| + ½ λ₂ Σw², as in `models.regularization`."""
        gradient = self._optimizer.gradient
        if self._l2 is not None:
            gradient += self._l2 * self._parameters
        if self._l1 is not None:
            gradient += self._l1 * np.sign(self._parameters)

    def _pass(self, n_rows: int) -> StackedPass:
        kept = self._passes.get(n_rows)
        if kept is None:
            gradient = self._optimizer.gradient
            kept = StackedPass(self._layout, self._parameters, gradient, self._specification, self._loss, n_rows)
            self._passes[n_rows] = kept
        return kept
