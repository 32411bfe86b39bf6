"""Many networks of one shape trained together: each as if it were alone, within rounding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Array
from models.errors import Diverged, Interrupted
from models.fitting.stacked.epoch import StackedEpoch
from models.fitting.stacked.layout import Layout
from models.fitting.stacked.optimizer import StackedOptimizer
from models.fitting.stacked.records import TrainingRecords
from models.fitting.stacked.state import restored, saved
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
    """What all networks of a stack are trained and judged on, as `models.training.loop.Training` takes it."""

    x: Array
    y: Array
    sample_weight: Array | None
    validation: tuple[Array, Array] | None
    validation_weight: Array | None


class StackedTraining:
    """Networks leave the stack when their patience is over or their loss is no number; the others go on.

    A network's place is its number in `networks`, and never changes; `places` lists those still in the stack, in the
    order of their rows in `layout`. `records` and `schedules` are indexed by place and outlive the stack; `layout`,
    `parameters`, `optimizer`, `average` and `_epoch` hold only the networks in the stack, and are built anew by
    `keep_in_stack` whenever some leave. At the end every network has left, and `records.final` has its parameters.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        chosen: Sequence[TrainingSpecification],
        data: StackedData,
        seed: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock, self._networks, self._chosen = clock, networks, chosen
        first, self._specification = networks[0], chosen[0]
        self._loss = checked_loss(first, chosen[0])
        self._rows = training_rows(first, self._loss, data.x, data.y, data.sample_weight)
        self._validation = (
            None
            if data.validation is None
            else training_rows(first, self._loss, *data.validation, data.validation_weight)
        )
        self._stopping = early_stopping_of(chosen[0], data.validation is not None)
        self.epochs = chosen[0].epochs or 1
        self._widths = (first.n_inputs, *first.specification.hidden, first.n_outputs)
        self.schedules = [schedule_for(one.schedule, one.optimizer.learning_rate, self.epochs) for one in chosen]
        self.order = np.random.default_rng([seed, 1])
        self.epoch, self.elapsed_before, self._started, self._epoch_seconds = 0, 0.0, clock(), 0.0
        parameters = np.stack([network.parameters for network in networks])
        self.records = TrainingRecords(parameters, self._stopping)
        self.keep_in_stack(np.arange(len(networks)), parameters)

    def run(self, callback: TrainingCallback) -> list[TrainingResult | Diverged]:
        """Train all to their ends, in place; how each ended. Raises Interrupted as a single training does."""
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
        return saved(self)

    def restore(self, state: bytes) -> None:
        """Go on from the state of a training of the same networks and data."""
        restored(self, state)

    def identity(self) -> list[object]:
        """What must be the same for a state to mean the same."""
        specifications = [repr(network.specification) for network in self._networks]
        return [list(self._widths), specifications, [repr(one) for one in self._chosen], len(self._rows)]

    def keep_in_stack(self, places: Array, parameters: Array) -> None:
        """Go on with these alone; `parameters` holds one row for each. All that is bound to places is laid out anew."""
        self.places = places
        if not places.size:
            return
        chosen = [self._chosen[place] for place in places.tolist()]
        self.layout = Layout(self._widths, places.size)
        self.parameters = np.zeros(self.layout.size, parameters.dtype)
        self.layout.fill(self.parameters, parameters)
        self.optimizer = StackedOptimizer(self.layout, [one.optimizer for one in chosen], self.parameters)
        decay = self._specification.averaged_weights
        self.average = None if decay is None else WeightAverage(decay, self.parameters)
        specifications = [self._networks[place].specification for place in places.tolist()]
        self._epoch = StackedEpoch(
            self.layout,
            self.parameters,
            specifications,
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
        """Score the parameters that would be kept (the averages, if there are any), like a single training does."""
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
        """Note the ends of those that leave, and pack the rest together again."""
        # Copies, taken before `keep_in_stack` replaces the buffers that they are read from.
        parameters, remembered, numbers = self.layout.rows(self.parameters), self.remembered(), self.numbers()
        last = parameters if self.average is None else self.layout.rows(self.average.arrays["average"])
        self.records.end(self.places[leaving], last[leaving])
        self.keep_in_stack(self.places[~leaving], parameters[~leaving])
        if self.places.size:
            self.remember({name: array[:, ~leaving] for name, array in remembered.items()}, *numbers)

    def remembered(self) -> dict[str, Array]:
        """What optimizer and average remember of each network: arrays of shape (n, k, n_parameters)."""
        arrays = {f"optimizer.{name}": array for name, array in self.optimizer.inner.arrays.items()}
        if self.average is not None:
            arrays |= {f"average.{name}": array for name, array in self.average.arrays.items()}
        shape = (-1, self.layout.size)
        return {
            name: np.stack([self.layout.rows(one) for one in array.reshape(shape)]) for name, array in arrays.items()
        }

    def numbers(self) -> tuple[Numbers, Numbers]:
        """What else they remember, the same for all networks."""
        return dict(self.optimizer.inner.numbers), {} if self.average is None else dict(self.average.numbers)

    def remember(self, remembered: dict[str, Array], of_optimizer: Numbers, of_average: Numbers) -> None:
        """Put back what `remembered` and `numbers` gave."""
        for name, rows in remembered.items():
            owner, key = name.split(".", 1)
            place = self.optimizer.inner.arrays if owner == "optimizer" or self.average is None else self.average.arrays
            for vector, row in zip(place[key].reshape(-1, self.layout.size), rows, strict=True):
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
