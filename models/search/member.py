"""One network of a stack: its curve, its best parameters, its patience, its end."""

import math

from models.arrays import Array
from models.curve import Curve
from models.early_stopping import Best, Patience
from models.errors import Diverged
from models.monitor import EpochRecord, Stopped
from models.network import Network
from models.schedules import Schedule
from models.specification import EarlyStopping, TrainingSpecification
from models.training import TrainingResult


class Member:
    """What `models.training.Training` keeps of a network that is trained alone."""

    def __init__(
        self,
        place: int,
        network: Network,
        specification: TrainingSpecification,
        schedule: Schedule,
        stopping: EarlyStopping | None,
    ) -> None:
        self.place, self.network, self.specification, self.schedule = place, network, specification, schedule
        self.patience = None if stopping is None else Patience(stopping)
        self.best = Best(network.parameters, network.running)
        self.curve = Curve()
        self.stopped: Stopped | None = None
        self.diverged_at: int | None = None

    def hear(self, record: EpochRecord, judged: float, parameters: Array) -> None:
        """Take in the end of one epoch; `parameters` are those that were judged."""
        if not (math.isfinite(record.loss) and math.isfinite(judged)):
            self.diverged_at = record.epoch
            return
        self.curve.append(record)
        self.best.offer(judged, record.epoch, parameters, self.network.running)
        if self.patience is not None:
            self.patience.hear(judged)
        self.schedule.epoch_ended(record.loss if record.validation_loss is None else record.validation_loss)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to train for."""
        return self.diverged_at is not None or (self.patience is not None and self.patience.is_over)

    def leave(self, last: Array, keeps_best: bool) -> None:
        """Write the parameters that are kept into the network: the best ones, or the `last` (averaged) ones."""
        if self.stopped is None and self.patience is not None and self.patience.is_over:
            self.stopped = "early"
        best = (keeps_best or self.stopped is not None) and self.best.epoch
        self.network.parameters[...] = self.best.arrays["parameters"] if best else last

    def result(self) -> TrainingResult | Diverged:
        """As a single training would tell it, but for the time, which is that of all together."""
        if self.diverged_at is not None:
            return Diverged(self.diverged_at)
        records = self.curve.records()
        elapsed = records[-1].elapsed_seconds if records else 0.0
        return TrainingResult(self.stopped, self.best.epoch, self.best.loss, len(records), records, elapsed)
