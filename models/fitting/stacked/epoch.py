"""One epoch of many networks: every row once, in the same order for all networks."""

from collections.abc import Sequence

import numpy as np

from models.arrays import Array
from models.fitting.stacked.backpropagation import StackedPass
from models.fitting.stacked.layout import Layout
from models.fitting.stacked.optimizer import StackedOptimizer
from models.specification import NetworkSpecification
from models.training.batches import Rows
from models.training.callbacks import StopCheck
from models.training.losses import LossFunction
from models.training.schedules import Schedule
from models.training.weight_averaging import WeightAverage

NUMBERS_AT_ONCE = 1 << 21
"""How many values of the widest signal are computed at once when rows are evaluated."""


class StackedEpoch:
    """The loop over batches, and the mean loss of each network on other rows.

    Rows are copied in the order of the epoch into buffers, whose batches are views that are made once.
    """

    def __init__(
        self,
        layout: Layout,
        parameters: Array,
        specifications: Sequence[NetworkSpecification],
        loss: LossFunction,
        optimizer: StackedOptimizer,
        average: WeightAverage | None,
        rows: Rows,
        batch_size: int,
    ) -> None:
        self._layout, self._parameters, self._loss = layout, parameters, loss
        self._specification, self._optimizer, self._average = specifications[0], optimizer, average
        self._l1 = self._penalty([specification.l1 for specification in specifications])
        self._l2 = self._penalty([specification.l2 for specification in specifications])
        self._passes: dict[int, StackedPass] = {}
        self._rows = rows
        self._gathered = Rows(rows.x.copy(), rows.y.copy(), None if rows.weight is None else rows.weight.copy())
        self._outputs = np.zeros((len(rows.y), layout.n_networks, len(rows)), parameters.dtype)
        self._batches = [self._batch(start, start + batch_size) for start in range(0, len(rows), batch_size)]

    def run(
        self, order: Array | None, epoch: int, schedules: Sequence[Schedule], stop_check: StopCheck
    ) -> tuple[Array, tuple[float, ...]]:
        """Update after every batch; returns each network's mean loss before the updates, and last learning rate."""
        if order is not None:
            self._gather(order)
        n_steps, by_step = len(self._batches), any(schedule.moves_at_each_step for schedule in schedules)
        rates = tuple(schedule.rate(epoch, 0, n_steps) for schedule in schedules)
        for step, (stacked_pass, x, y, weight, out) in enumerate(self._batches):
            stop_check.check()
            if by_step:
                rates = tuple(schedule.rate(epoch, step, n_steps) for schedule in schedules)
            stacked_pass.run(x, y, weight)
            out[...] = stacked_pass.out
            self._penalise()
            self._optimizer.update(rates)
            if self._average is not None:
                self._average.update()
        return self._losses(self._outputs, self._gathered) / len(self._rows), rates

    def mean_losses(self, rows: Rows) -> Array:
        """The mean loss of each network with its current parameters, float64 of shape (k,)."""
        at_once = max(NUMBERS_AT_ONCE // (self._layout.n_networks * max(self._layout.widths)), 1)
        total = np.zeros(self._layout.n_networks)
        for start in range(0, len(rows), at_once):
            block = rows.slice(start, start + at_once)
            stacked_pass = self._pass(len(block))
            stacked_pass.forward(block.x.T)
            total += self._losses(stacked_pass.out, block)
        return total / len(rows)

    def _gather(self, order: Array) -> None:
        rows, gathered = self._rows, self._gathered
        rows.x.take(order, 0, gathered.x, "clip")
        rows.y.take(order, 1, gathered.y, "clip")
        if rows.weight is not None and gathered.weight is not None:
            rows.weight.take(order, 1, gathered.weight, "clip")

    def _batch(self, start: int, stop: int) -> tuple[StackedPass, Array, Array, Array | None, Array]:
        rows = self._gathered.slice(start, stop)
        return self._pass(len(rows)), rows.x.T, rows.y[:, None], rows.weight, self._outputs[:, :, start:stop]

    def _losses(self, outputs: Array, rows: Rows) -> Array:
        """The sum over the rows of each network's losses; outputs have shape (n_outputs, k, n_rows)."""
        labels = np.broadcast_to(rows.y[:, None], outputs.shape)
        flat_outputs, flat_labels = (np.reshape(array, (len(outputs), -1)).T for array in (outputs, labels))
        values = self._loss.values(flat_outputs, flat_labels).reshape(outputs.shape[1:])
        if rows.weight is not None:
            values = values * rows.weight
        total: Array = values.sum(axis=1, dtype=np.float64)
        return total

    def _penalty(self, factors: Sequence[float]) -> Array | None:
        return self._layout.spread(factors, self._parameters.dtype, weights_alone=True) if any(factors) else None

    def _penalise(self) -> None:
        """The slope of λ₁ Σ|w| + ½ λ₂ Σw², as in `models.training.regularization`."""
        gradient = self._optimizer.gradient
        if self._l2 is not None:
            gradient += self._l2 * self._parameters
        if self._l1 is not None:
            gradient += self._l1 * np.sign(self._parameters)

    def _pass(self, n_rows: int) -> StackedPass:
        if n_rows not in self._passes:
            gradient = self._optimizer.gradient
            stacked_pass = StackedPass(
                self._layout, self._parameters, gradient, self._specification, self._loss, n_rows
            )
            self._passes[n_rows] = stacked_pass
        return self._passes[n_rows]
