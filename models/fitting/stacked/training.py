"""Many networks of one shape trained together, each as in a training by itself, within rounding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Array
from models.errors import Diverged, Interrupted
from models.fitting.stacked import state
from models.fitting.stacked.epoch import StackedEpoch
from models.fitting.stacked.layout import Layout
from models.fitting.stacked.optimizer import StackedOptimizer
from models.fitting.stacked.records import TrainingRecords
from models.network.network import Network
from models.specification import TrainingSpecification
from models.training.callbacks import Ended, StopCheck, TrainingCallback, monotonic
from models.training.inputs import checked_loss, early_stopping_of, training_rows
from models.training.loop import CHECKPOINT_SECONDS, TrainingResult
from models.training.optimizers.optimizer import Numbers
from models.training.schedules import schedule_for
from models.training.weight_averaging import WeightAverage


@dataclass(frozen=True, slots=True, eq=False)
class StackedData:
    """The training and validation rows of all networks of a stack, as in `models.training.loop.Training`."""

    x: Array
    y: Array
    sample_weight: Array | None
    validation: tuple[Array, Array] | None
    validation_weight: Array | None


class StackedTraining:
    """Networks leave the stack when they are out of patience or their loss is not finite; the others continue.

    A network's place is its number in `networks`, and never changes; `places` lists those still in the stack, in the
    order of their rows in `layout`. `records` and `schedules` are indexed by place and outlive the stack; `layout`,
    `parameters`, `optimizer`, `average` and `_epoch` hold only the networks in the stack, and `keep_in_stack` rebuilds
    them whenever some leave. At the end every network has left, and `records.final` has its parameters.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        specifications: Sequence[TrainingSpecification],
        data: StackedData,
        seed: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock, self._networks, self._specifications = clock, networks, specifications
        first, self._specification = networks[0], specifications[0]
        self._loss = checked_loss(first, self._specification)
        self._rows = training_rows(first, self._loss, data.x, data.y, data.sample_weight)
        self._validation = (
            None
            if data.validation is None
            else training_rows(first, self._loss, *data.validation, data.validation_weight)
        )
        self._stopping = early_stopping_of(self._specification, data.validation is not None)
        self.epochs = self._specification.epochs or 1
        self._widths = (first.n_inputs, *first.specification.hidden, first.n_outputs)
        self.schedules = [
            schedule_for(specification.schedule, specification.optimizer.learning_rate, self.epochs)
            for specification in specifications
        ]
        self.order = np.random.default_rng([seed, 1])
        self.epoch, self.elapsed_before, self._started, self._epoch_seconds = 0, 0.0, clock(), 0.0
        parameters = np.stack([network.parameters for network in networks])
        self.records = TrainingRecords(parameters, self._stopping)
        self.keep_in_stack(np.arange(len(networks)), parameters)

    def run(self, callback: TrainingCallback) -> list[TrainingResult | Diverged]:
        """Train all networks in place; returns how each ended. Raises Interrupted like a single training."""
        self._started = self._checkpointed = self._clock()
        stop_check = StopCheck(callback, self._clock, None)
        with np.errstate(all="ignore"):
            try:
                while self.places.size and self.epoch < self.epochs:
                    self._run_epoch(stop_check)
                    self._checkpoint(callback, stop_check)
            except Ended as end:
                for place in self.places.tolist():
                    self.records.stopped[place] = end.stopped
        if self.places.size:
            self._leave(np.ones(self.places.size, bool))
        for network, parameters in zip(self._networks, self.records.final, strict=True):
            network.parameters[...] = parameters
        return [self.records.result(place) for place in range(len(self._networks))]

    @property
    def elapsed_seconds(self) -> float:
        """The time that this training has run, earlier attempts included."""
        return self.elapsed_before + self._clock() - self._started

    def state(self) -> bytes:
        """Everything that the rest depends on, between two epochs."""
        return state.to_bytes(self)

    def restore(self, data: bytes) -> None:
        """Continue from the state of a training of the same networks and data."""
        state.restore(self, data)

    def identity(self) -> list[object]:
        """What must be equal in the training that restores a state."""
        networks = [repr(network.specification) for network in self._networks]
        trainings = [repr(specification) for specification in self._specifications]
        return [list(self._widths), networks, trainings, len(self._rows)]

    def keep_in_stack(self, places: Array, parameters: Array) -> None:
        """Continue with these networks only, whose parameters are the rows; everything about places is rebuilt."""
        self.places = places
        if not places.size:
            return
        self.layout = Layout(self._widths, places.size)
        self.parameters = np.zeros(self.layout.size, parameters.dtype)
        self.layout.fill(self.parameters, parameters)
        optimizers = [self._specifications[place].optimizer for place in places.tolist()]
        self.optimizer = StackedOptimizer(self.layout, optimizers, self.parameters)
        decay = self._specification.averaged_weights
        self.average = None if decay is None else WeightAverage(decay, self.parameters)
        self._epoch = StackedEpoch(
            self.layout,
            self.parameters,
            [self._networks[place].specification for place in places.tolist()],
            self._loss,
            self.optimizer,
            self.average,
            self._rows,
            min(self._specification.batch_size or 32, len(self._rows)),
        )

    def _run_epoch(self, stop_check: StopCheck) -> None:
        started = self._clock()
        schedules = [self.schedules[place] for place in self.places.tolist()]
        order = self.order.permutation(len(self._rows)) if self._specification.shuffle else None
        losses, rates = self._epoch.run(order, self.epoch, schedules, stop_check)
        self.epoch += 1
        schedule_losses = self._evaluate(losses, rates)
        for schedule, loss in zip(schedules, schedule_losses.tolist(), strict=True):
            schedule.on_epoch_end(loss)
        self._epoch_seconds = self._clock() - started
        # After the last epoch all leave together, in `run`.
        over = self.records.are_over(self.places)
        if over.any() and self.epoch < self.epochs:
            self._leave(over)

    def _evaluate(self, losses: Array, rates: tuple[float, ...]) -> Array:
        """Evaluate the parameters that would be kept (the averages, if there are any), like a single training."""
        if self.average is not None:
            self.average.swap()
        held_out = None if self._validation is None else self._epoch.mean_losses(self._validation)
        parameters = self.layout.rows(self.parameters)
        if self.average is not None:
            self.average.swap()
        by_loss = held_out is None or (self._stopping is not None and self._stopping.metric == "loss")
        point = (losses, np.nan if held_out is None else held_out, np.array(rates), self.elapsed_seconds)
        self.records.record(self.places, point, losses if by_loss or held_out is None else held_out, parameters)
        return losses if held_out is None else held_out

    def _leave(self, leaving: Array) -> None:
        """Record the ends of the networks that leave, and rebuild the stack from the others."""
        # These are copies, made before `keep_in_stack` replaces the buffers that they are read from.
        parameters, arrays, numbers = self.layout.rows(self.parameters), self.inner_arrays(), self.inner_numbers()
        last = parameters if self.average is None else self.layout.rows(self.average.arrays["average"])
        self.records.end(self.places[leaving], last[leaving])
        self.keep_in_stack(self.places[~leaving], parameters[~leaving])
        if self.places.size:
            self.restore_inner({name: array[:, ~leaving] for name, array in arrays.items()}, *numbers)

    def inner_arrays(self) -> dict[str, Array]:
        """The arrays of optimizer and average, each of shape (n, k, n_parameters)."""
        arrays = {f"optimizer.{name}": array for name, array in self.optimizer.inner.arrays.items()}
        if self.average is not None:
            arrays |= {f"average.{name}": array for name, array in self.average.arrays.items()}
        shape = (-1, self.layout.size)
        return {
            name: np.stack([self.layout.rows(row) for row in array.reshape(shape)]) for name, array in arrays.items()
        }

    def inner_numbers(self) -> tuple[Numbers, Numbers]:
        """The numbers of optimizer and average, which are the same for all networks."""
        return dict(self.optimizer.inner.numbers), {} if self.average is None else dict(self.average.numbers)

    def restore_inner(self, arrays: dict[str, Array], of_optimizer: Numbers, of_average: Numbers) -> None:
        """Restore the arrays and numbers of optimizer and average."""
        for name, rows in arrays.items():
            owner, key = name.split(".", 1)
            own = self.optimizer.inner.arrays if owner == "optimizer" or self.average is None else self.average.arrays
            for vector, row in zip(own[key].reshape(-1, self.layout.size), rows, strict=True):
                self.layout.fill(vector, row)
        self.optimizer.inner.numbers.update(of_optimizer)
        if self.average is not None:
            self.average.numbers.update(of_average)

    def _checkpoint(self, callback: TrainingCallback, stop_check: StopCheck) -> None:
        if stop_check.must_hand_back or self._checkpoint_is_due():
            callback.checkpoint(self.state())
            self._checkpointed = self._clock()
        if stop_check.must_hand_back:
            raise Interrupted("hand back")

    def _checkpoint_is_due(self) -> bool:
        every = self._specification.checkpoint_every
        if every is not None:
            return self.epoch % every == 0
        return self._clock() - self._checkpointed >= CHECKPOINT_SECONDS or self._epoch_seconds >= 1.0
