"""One epoch of L-BFGS: all rows at once, one step."""

import math

import numpy as np

from models.arrays import Array
from models.errors import BadRecipe
from models.network.network import Network
from models.specification import TrainingSpecification
from models.training.backpropagation import Backpropagation
from models.training.batches import Batches, Rows
from models.training.callbacks import StopCheck
from models.training.losses import LossFunction
from models.training.optimizers import Lbfgs
from models.training.regularization import Penalty
from models.training.schedules import Schedule
from models.training.weight_averaging import WeightAverage

BLOCK_ROWS = 1024


class FullBatchEpoch:
    """The loss and gradient over all rows, summed block by block so that memory does not grow with them."""

    def __init__(
        self,
        network: Network,
        loss: LossFunction,
        optimizer: Lbfgs,
        rows: Rows,
        specification: TrainingSpecification,
        average: WeightAverage | None,
        rng: np.random.Generator,
    ) -> None:
        _require_compatible(network, specification)
        self._network, self._loss, self._optimizer, self._rows = network, loss, optimizer, rows
        self._average, self._rng = average, rng
        self._batches = Batches(rows, BLOCK_ROWS)
        self._batch_gradient: Array = np.zeros_like(network.parameters)
        self._gradient: Array = np.zeros_like(network.parameters)
        self._penalty = Penalty(network)
        self._workspaces: dict[int, Backpropagation] = {}

    def order(self, rng: np.random.Generator) -> None:
        """Returns None: every step reads all rows, so their order does not matter."""

    def run(self, epoch: int, order: Array | None, schedule: Schedule, stop_check: StopCheck) -> tuple[float, float]:
        """Take one step; returns the mean loss after it, and the learning rate."""
        rate = schedule.rate(epoch, 0, 1)
        parameters = self._network.parameters

        def objective(candidate: Array) -> tuple[float, Array]:
            """Evaluate the network with these parameters, then restore its own: the line search may reject them."""
            current = parameters.copy()
            parameters[...] = candidate
            try:
                return self._evaluate(stop_check), self._gradient
            finally:
                parameters[...] = current

        self._optimizer.step(parameters, objective, rate)
        if self._average is not None:
            self._average.update()
        return self._optimizer.numbers["loss"] - self._penalty.value(), rate

    def _evaluate(self, stop_check: StopCheck) -> float:
        """The mean loss with its penalty; writes the gradient of both into `self._gradient`."""
        self._gradient[...] = 0
        total = 0.0
        for block in self._batches.blocks(None):
            for n_rows, x, y, weight, out in block.batches:
                stop_check.check()
                self._workspace(n_rows).run(x, y, weight, out)
                self._gradient += self._batch_gradient * self._batch_gradient.dtype.type(n_rows / len(self._rows))
            total += block.loss_sum(self._loss)
        self._penalty.add_slope(self._gradient)
        loss = total / len(self._rows) + self._penalty.value()
        return loss if math.isfinite(loss) else math.inf

    def _workspace(self, n_rows: int) -> Backpropagation:
        if n_rows not in self._workspaces:
            workspace = Backpropagation(self._network, self._loss, n_rows, self._batch_gradient, self._rng)
            self._workspaces[n_rows] = workspace
        return self._workspaces[n_rows]


def _require_compatible(network: Network, training: TrainingSpecification) -> None:
    """Raises BadRecipe for what else changes the loss or the step: L-BFGS compares losses at different parameters."""
    specification = network.specification
    incompatible = {
        "network.dropout": any(specification.dropouts),
        "network.batch_norm": specification.batch_norm,
        "network.max_norm": specification.max_norm is not None,
        "training.gradient_clip": training.gradient_clip is not None,
    }
    for path, is_set in incompatible.items():
        if is_set:
            raise BadRecipe("lbfgs cannot be combined with this; leave it out, or choose adam", path.split("."))
