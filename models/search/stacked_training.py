"""Many networks of one shape trained together: each as if it were alone, within rounding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Array
from models.averaging import AveragedParameters
from models.batches import Rows
from models.errors import Diverged, Interrupted
from models.monitor import Ended, EpochRecord, Monitor, Watch, monotonic
from models.network import Network
from models.schedules import schedule_for
from models.search.layout import Layout
from models.search.member import Member
from models.search.stacked_epoch import StackedEpoch
from models.search.stacked_optimizer import StackedOptimizer
from models.search.stacked_state import restored, saved
from models.specification import TrainingSpecification
from models.training import CHECKPOINT_SECONDS, TrainingResult
from models.training_input import checked_loss, chosen_early_stopping, training_rows


@dataclass(frozen=True, slots=True, eq=False)
class StackedData:
    """What all networks of a stack are trained and judged on, as `models.training.Training` takes it."""

    x: Array
    y: Array
    sample_weight: Array | None
    validation: tuple[Array, Array] | None
    validation_weight: Array | None


class StackedTraining:
    """Networks leave the stack when their patience is over or their loss is no number; the others go on."""

    def __init__(
        self,
        networks: Sequence[Network],
        chosen: Sequence[TrainingSpecification],
        data: StackedData,
        seed: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock, first, self._specification = clock, networks[0], chosen[0]
        self._loss = checked_loss(first, chosen[0])
        self._rows = training_rows(first, self._loss, data.x, data.y, data.sample_weight)
        self._validation = (
            None
            if data.validation is None
            else training_rows(first, self._loss, *data.validation, data.validation_weight)
        )
        self._stopping = chosen_early_stopping(chosen[0], data.validation is not None)
        self.epochs = chosen[0].epochs or 1
        self._widths = (first.n_inputs, *first.specification.hidden, first.n_outputs)
        self.members = [
            Member(
                i, network, one, schedule_for(one.schedule, one.optimizer.learning_rate, self.epochs), self._stopping
            )
            for i, (network, one) in enumerate(zip(networks, chosen, strict=True))
        ]
        self.order = np.random.default_rng([seed, 1])
        self.epoch, self.elapsed_before, self._started = 0, 0.0, clock()
        self.in_stack = list(self.members)
        self._build(np.stack([network.parameters for network in networks]))

    def run(self, monitor: Monitor) -> None:
        """Train all to their ends. Raises Interrupted as a single training does."""
        self._started = self._checkpointed = self._clock()
        watch = Watch(monitor, self._clock, None)
        with np.errstate(all="ignore"):
            try:
                while self.in_stack and self.epoch < self.epochs:
                    self._run_epoch(watch)
                    self._checkpoint(monitor, watch)
            except Ended as end:
                for member in self.in_stack:
                    member.stopped = end.stopped
        self._leave(self.in_stack)

    def results(self) -> list[TrainingResult | Diverged]:
        """How each ended, in the order given; the networks hold their parameters."""
        return [member.result() for member in self.members]

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

    def keep_in_stack(self, members: list[Member], parameters: Array) -> None:
        """Go on with these alone; `parameters` holds one row for each."""
        self.in_stack = members
        if members:
            self._build(parameters)

    def identity(self) -> list[object]:
        """What must be the same for a state to mean the same."""
        specifications = [[repr(one.network.specification), repr(one.specification)] for one in self.members]
        return [list(self._widths), specifications, len(self._rows)]

    def _build(self, parameters: Array) -> None:
        """Lay the parameters of those in the stack out anew, with all that is bound to their places."""
        self.layout = Layout(self._widths, len(self.in_stack))
        self.parameters = np.zeros(self.layout.size, parameters.dtype)
        self.layout.fill(self.parameters, parameters)
        self.optimizer = StackedOptimizer(
            self.layout, [one.specification.optimizer for one in self.in_stack], self.parameters
        )
        decay = self._specification.averaged_weights
        self.average = None if decay is None else AveragedParameters(decay, self.parameters)
        self._epoch = StackedEpoch(
            self.layout,
            self.parameters,
            [one.network.specification for one in self.in_stack],
            self._loss,
            self.optimizer,
            self.average,
        )

    def _run_epoch(self, watch: Watch) -> None:
        started = self._clock()
        schedules = [member.schedule for member in self.in_stack]
        size = min(self._specification.batch_size or 32, len(self._rows))
        losses = self._epoch.run(self._in_order(), size, self.epoch, schedules, watch)
        n_steps = -(-len(self._rows) // size)
        rates = [one.rate(self.epoch, n_steps - 1, n_steps) for one in schedules]
        self.epoch += 1
        self._judge(losses.tolist(), rates)
        self._epoch_seconds = self._clock() - started
        over = [member for member in self.in_stack if member.is_over and self.epoch < self.epochs]
        if over:
            self._leave(over)

    def _in_order(self) -> Rows:
        if not self._specification.shuffle:
            return self._rows
        order, weight = self.order.permutation(len(self._rows)), self._rows.weight
        shuffled = None if weight is None else weight.take(order, 1)
        return Rows(self._rows.x.take(order, 0), self._rows.y.take(order, 1), shuffled)

    def _judge(self, losses: list[float], rates: list[float]) -> None:
        """As a single training does at an epoch's end, of the parameters that would be kept."""
        if self.average is not None:
            self.average.swap()
        judged = None if self._validation is None else self._epoch.mean_losses(self._validation).tolist()
        parameters = self.layout.rows(self.parameters)
        if self.average is not None:
            self.average.swap()
        by_loss = self._stopping is not None and self._stopping.metric == "loss"
        for i, member in enumerate(self.in_stack):
            validation_loss = None if judged is None else judged[i]
            record = EpochRecord(self.epoch, losses[i], validation_loss, rates[i], self.elapsed_seconds)
            member.hear(record, losses[i] if by_loss or validation_loss is None else validation_loss, parameters[i])

    def _leave(self, leaving: list[Member]) -> None:
        """Give each its parameters, and pack the rest together again."""
        rows = self.layout.rows(self.parameters) if self.in_stack else np.empty((0, 0))
        averages = (
            None if self.average is None or not self.in_stack else self.layout.rows(self.average.arrays["average"])
        )
        stay = []
        for i, member in enumerate(self.in_stack):
            if any(member is one for one in leaving):
                member.leave(rows[i] if averages is None else averages[i], keeps_best=self._stopping is not None)
            else:
                stay.append(i)
        members, remembered = [self.in_stack[i] for i in stay], self.remembered()
        self.keep_in_stack(members, rows[stay])
        if members:
            self.remember({name: array[:, stay] for name, array in remembered.items()}, *self.numbers())

    def remembered(self) -> dict[str, Array]:
        """What optimizer and average remember of each network: arrays of shape (n, k, n_parameters)."""
        arrays = {f"optimizer.{name}": array for name, array in self.optimizer.inner.arrays.items()}
        if self.average is not None:
            arrays |= {f"average.{name}": array for name, array in self.average.arrays.items()}
        shape = (-1, self.layout.size)
        return {
            name: np.stack([self.layout.rows(one) for one in array.reshape(shape)]) for name, array in arrays.items()
        }

    def numbers(self) -> tuple[dict[str, int | float], dict[str, int | float]]:
        """What else they remember, the same for all networks."""
        return dict(self.optimizer.inner.numbers), {} if self.average is None else dict(self.average.numbers)

    def remember(
        self, remembered: dict[str, Array], of_optimizer: dict[str, int | float], of_average: dict[str, int | float]
    ) -> None:
        """Put back what `remembered` and `numbers` gave."""
        for name, rows in remembered.items():
            owner, key = name.split(".", 1)
            place = self.optimizer.inner.arrays if owner == "optimizer" or self.average is None else self.average.arrays
            for vector, one in zip(place[key].reshape(-1, self.layout.size), rows, strict=True):
                self.layout.fill(vector, one)
        self.optimizer.inner.numbers.update(of_optimizer)
        if self.average is not None:
            self.average.numbers.update(of_average)

    def _checkpoint(self, monitor: Monitor, watch: Watch) -> None:
        if watch.hand_back_wanted or self._checkpoint_is_due():
            monitor.checkpoint(self.state())
            self._checkpointed = self._clock()
        if watch.hand_back_wanted:
            raise Interrupted("hand back")

    def _checkpoint_is_due(self) -> bool:
        every = self._specification.checkpoint_every
        if every is not None:
            return self.epoch % every == 0
        return self._clock() - self._checkpointed >= CHECKPOINT_SECONDS or self._epoch_seconds >= 1.0
