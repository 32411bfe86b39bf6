"""The training loop: epochs until the last or an early end, keeping the best parameters and saving checkpoints."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.arrays import Array
from models.errors import Diverged, Interrupted
from models.network.network import Network
from models.specification import TrainingSpecification
from models.training.batches import Rows
from models.training.callbacks import (
    Ended,
    EpochRecord,
    NoCallback,
    Progress,
    StopCheck,
    Stopped,
    TrainingCallback,
    monotonic,
)
from models.training.early_stopping import BestWeights, Patience
from models.training.full_batch_epoch import FullBatchEpoch
from models.training.inputs import checked_loss, early_stopping_of, training_rows
from models.training.optimizers import Lbfgs, optimizer_for
from models.training.schedules import schedule_for
from models.training.state import TrainingState
from models.training.stochastic_epoch import StochasticEpoch
from models.training.weight_averaging import WeightAverage

DEFAULT_EPOCHS = 500
CHECKPOINT_SECONDS = 2.0
EVALUATION_ROWS = 4096


@dataclass(frozen=True)
class TrainingResult:
    """How a training ended: why, if before the last epoch, its best epoch, and its curve."""

    stopped: Stopped | None
    best_epoch: int
    best_loss: float
    epoch: int
    curve: list[EpochRecord]
    elapsed_seconds: float


class Training:
    """Trains a network in place. The same seed and data give the same bits, also across `state` and `restore`.

    x has shape (n_rows, n_inputs), y (n_rows, n_outputs) with classes as one-hot rows, sample_weight (n_rows,);
    validation_weight weights the validation rows. Where x is a memory map, it is read in shuffled blocks, and may be
    larger than memory.
    """

    def __init__(
        self,
        network: Network,
        specification: TrainingSpecification,
        x: Array,
        y: Array,
        *,
        sample_weight: Array | None = None,
        validation: tuple[Array, Array] | None = None,
        validation_weight: Array | None = None,
        seed: int = 0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.network, self.specification, self._clock = network, specification, clock
        self.epochs = specification.epochs or DEFAULT_EPOCHS
        self.loss = checked_loss(network, specification)
        rows = training_rows(network, self.loss, x, y, sample_weight)
        self._validation = (
            None if validation is None else training_rows(network, self.loss, *validation, validation_weight)
        )
        self._n_rows = len(rows)
        self._early_stopping = early_stopping_of(specification, validation is not None)
        decay = specification.averaged_weights
        self._state = state = TrainingState(
            network=network,
            optimizer=optimizer_for(specification.optimizer, network.parameters),
            schedule=schedule_for(specification.schedule, specification.optimizer.learning_rate, self.epochs),
            average=None if decay is None else WeightAverage(decay, network.parameters),
            patience=None if self._early_stopping is None else Patience(self._early_stopping),
            best=BestWeights(network.parameters, network.running),
            order=np.random.default_rng([seed, 1]),
            noise=np.random.default_rng([seed, 2]),
        )
        if isinstance(state.optimizer, Lbfgs):
            self._epoch: StochasticEpoch | FullBatchEpoch = FullBatchEpoch(
                network, self.loss, state.optimizer, rows, specification, state.average, state.noise
            )
        else:
            self._epoch = StochasticEpoch(
                network, self.loss, state.optimizer, rows, specification, state.average, state.noise
            )
        self._started = self._checkpointed = clock()
        self._epoch_seconds = 0.0

    @property
    def elapsed_seconds(self) -> float:
        """The time that this training has run, earlier attempts included."""
        return self._state.elapsed_before + self._clock() - self._started

    def run(self, callback: TrainingCallback | None = None) -> TrainingResult:
        """Train to the end. Raises Interrupted and Diverged; the network then has the parameters of the last update."""
        callback = callback or NoCallback()
        self._started = self._checkpointed = self._clock()
        limit = self.specification.time_limit_seconds
        stop_check = StopCheck(callback, self._clock, None if limit is None else limit - self._state.elapsed_before)
        with np.errstate(all="ignore"):
            stopped = self._run_epochs(callback, stop_check)
        return self._finish(stopped)

    def state(self) -> bytes:
        """Everything that the rest of the training depends on, between two epochs."""
        return self._state.to_bytes(self._identity(), self.elapsed_seconds)

    def restore(self, state: bytes) -> None:
        """Continue from a state of a training with the same specification and data."""
        self._state.restore(state, self._identity())

    def _identity(self) -> list[object]:
        return [self.network.shapes, str(self.network.dtype), repr(self.specification), self.epochs, self._n_rows]

    def _run_epochs(self, callback: TrainingCallback, stop_check: StopCheck) -> Stopped | None:
        try:
            while len(self._state.curve) < self.epochs:
                if self._state.patience is not None and self._state.patience.is_over:
                    return "early"
                self._run_epoch(callback, stop_check)
        except Ended as end:
            return end.stopped
        return None

    def _run_epoch(self, callback: TrainingCallback, stop_check: StopCheck) -> None:
        started, epoch = self._clock(), len(self._state.curve)
        order = self._epoch.order(self._state.order) if self.specification.shuffle else None
        loss, rate = self._epoch.run(epoch, order, self._state.schedule, stop_check)
        validation_loss = self._end_epoch(epoch + 1, loss)
        record = EpochRecord(epoch + 1, loss, validation_loss, rate, self.elapsed_seconds)
        self._state.curve.append(record)
        self._epoch_seconds = self._clock() - started
        callback.on_epoch_end(record, self._progress(record))
        self._checkpoint(callback, stop_check)

    def _end_epoch(self, epoch: int, loss: float) -> float | None:
        """Evaluate the parameters that would be kept (the averaged ones, if there are any); the validation loss."""
        if self._state.average is not None:
            self._state.average.swap()
        validation_loss = None if self._validation is None else self._mean_loss(self._validation)
        deciding_loss = self._deciding_loss(loss, validation_loss)
        if not (math.isfinite(loss) and math.isfinite(deciding_loss)):
            raise Diverged(epoch)
        self._state.best.offer(deciding_loss, epoch, self.network.parameters, self.network.running)
        if self._state.average is not None:
            self._state.average.swap()
        if self._state.patience is not None:
            self._state.patience.update(deciding_loss)
        self._state.schedule.on_epoch_end(loss if validation_loss is None else validation_loss)
        return validation_loss

    def _deciding_loss(self, loss: float, validation_loss: float | None) -> float:
        by_loss = self._early_stopping is not None and self._early_stopping.metric == "loss"
        return loss if by_loss or validation_loss is None else validation_loss

    def _mean_loss(self, rows: Rows) -> float:
        predict = self.network.logits if self.loss.on_logits else self.network.forward
        total = 0.0
        for start in range(0, len(rows), EVALUATION_ROWS):
            block = rows.slice(start, start + EVALUATION_ROWS)
            values = self.loss.values(predict(block.x[:, :-1]), block.y.T)
            if block.weight is not None:
                values = values * block.weight[0]
            total += float(np.sum(values, dtype=np.float64))
        return total / len(rows)

    def _progress(self, record: EpochRecord) -> Progress:
        left = (self.epochs - record.epoch) * record.elapsed_seconds / record.epoch
        rows_per_second = self._n_rows / max(self._epoch_seconds, 1e-9)
        return Progress(record.epoch, self.epochs, record.loss, record.validation_loss, rows_per_second, left)

    def _checkpoint(self, callback: TrainingCallback, stop_check: StopCheck) -> None:
        if stop_check.must_hand_back or self._checkpoint_is_due():
            callback.checkpoint(self.state())
            self._checkpointed = self._clock()
        if stop_check.must_hand_back:
            raise Interrupted("hand back")

    def _checkpoint_is_due(self) -> bool:
        every = self.specification.checkpoint_every
        if every is not None:
            return len(self._state.curve) % every == 0
        return self._clock() - self._checkpointed >= CHECKPOINT_SECONDS or self._epoch_seconds >= 1.0

    def _finish(self, stopped: Stopped | None) -> TrainingResult:
        keeps_best = stopped is not None or self._state.patience is not None
        if keeps_best and self._state.best.epoch:
            self.network.parameters[...] = self._state.best.arrays["parameters"]
            self.network.running[...] = self._state.best.arrays["running"]
        elif self._state.average is not None and len(self._state.curve):
            self._state.average.keep()
        if not np.all(np.isfinite(self.network.parameters)):
            raise Diverged(len(self._state.curve))
        return TrainingResult(
            stopped,
            self._state.best.epoch,
            self._state.best.loss,
            len(self._state.curve),
            self._state.curve.records(),
            self.elapsed_seconds,
        )
