"""One epoch of training: every row once, in batches, with an update after each."""

from collections.abc import Callable

import numpy as np

from models.arrays import Array
from models.network.network import Network
from models.specification import TrainingSpecification
from models.training.backpropagation import Backpropagation
from models.training.batches import Batches, Rows
from models.training.callbacks import StopCheck
from models.training.losses import LossFunction
from models.training.optimizers import Optimizer
from models.training.regularization import bound_incoming_weights, gradient_adjustments
from models.training.schedules import Schedule
from models.training.weight_averaging import WeightAverage


class StochasticEpoch:
    """Batch by batch: gradient, adjustments, update (stochastic gradient descent, Robbins and Monro 1951)."""

    def __init__(
        self,
        network: Network,
        loss: LossFunction,
        optimizer: Optimizer,
        rows: Rows,
        specification: TrainingSpecification,
        average: WeightAverage | None,
        rng: np.random.Generator,
    ) -> None:
        self._network, self._loss, self._optimizer, self._rng = network, loss, optimizer, rng
        self._rows = rows
        self._batches = Batches(rows, specification.batch_size or min(32, len(rows)))
        self._gradient = optimizer.gradient
        self._workspaces: dict[int, Backpropagation] = {}
        self._adjustments = gradient_adjustments(network, specification.gradient_clip)
        self._afterwards: list[Callable[[], None]] = []
        if network.specification.max_norm is not None:
            self._afterwards.append(lambda: bound_incoming_weights(network))
        if average is not None:
            self._afterwards.append(average.update)

    def order(self, rng: np.random.Generator) -> Array:
        """The order of the rows in the next epoch."""
        return self._batches.order(rng)

    def run(self, epoch: int, order: Array | None, schedule: Schedule, stop_check: StopCheck) -> tuple[float, float]:
        """Update after every batch; returns the mean loss before the updates, and the last learning rate."""
        n_steps, by_step = self._batches.n_batches, schedule.moves_at_each_step
        rate, step, total = schedule.rate(epoch, 0, n_steps), 0, 0.0
        for block in self._batches.blocks(order):
            for n_rows, x, y, weight, out in block.batches:
                stop_check.check()
                if by_step:
                    rate = schedule.rate(epoch, step, n_steps)
                    step += 1
                workspace = self._workspaces.get(n_rows) or self._new_workspace(n_rows)
                workspace.run(x, y, weight, out)
                for adjust in self._adjustments:
                    adjust(self._gradient)
                self._optimizer.update(rate)
                for follow in self._afterwards:
                    follow()
            total += block.loss_sum(self._loss)
        return total / len(self._rows), rate

    def _new_workspace(self, n_rows: int) -> Backpropagation:
        workspace = Backpropagation(self._network, self._loss, n_rows, self._gradient, self._rng)
        self._workspaces[n_rows] = workspace
        return workspace
