"""The records of each network of a stack, updated at every epoch for all networks at once."""

from collections.abc import Sequence

import numpy as np

from models.arrays import Array
from models.errors import Diverged
from models.specification import EarlyStopping
from models.training.callbacks import EpochRecord, Stopped
from models.training.loop import TrainingResult


class TrainingRecords:
    """Curves, best parameters and patience of n networks, by the rules of `models.training.early_stopping`.

    Rows are networks, in their order; `final` holds the parameters of those that left the stack.
    """

    def __init__(self, parameters: Array, stopping: EarlyStopping | None) -> None:
        n, self._stopping = len(parameters), stopping
        self.best, self.final = parameters.copy(), parameters.copy()
        self.best_loss, self.lowest = np.full(n, np.inf), np.full(n, np.inf)
        self.best_epoch, self.waited, self.diverged_at = (np.zeros(n, np.int64) for _ in range(3))
        self.stopped: list[Stopped | None] = [None] * n
        self._curve: list[Array] = []

    @property
    def arrays(self) -> dict[str, Array]:
        """All but the curve, by name; a checkpoint writes these back in place."""
        return {
            "best": self.best,
            "final": self.final,
            "best_loss": self.best_loss,
            "lowest": self.lowest,
            "best_epoch": self.best_epoch,
            "waited": self.waited,
            "diverged_at": self.diverged_at,
        }

    @property
    def curve(self) -> Array:
        """float64 of shape (n_epochs, n, 4): loss, validation loss, learning rate, seconds; NaN where there is none."""
        return np.stack(self._curve) if self._curve else np.zeros((0, len(self.best), 4))

    @curve.setter
    def curve(self, curve: Array) -> None:
        self._curve = list(curve)

    def record(self, places: Array, point: Sequence[Array | float], judged: Array, parameters: Array) -> None:
        """Record one epoch of the networks at `places`, with their `judged` losses and `parameters`, a row for each."""
        # Networks that have left get a row of NaN, so that the curve stays one array over all networks.
        record = np.full((len(self.best), 4), np.nan)
        for column, values in zip(record.T, point, strict=True):
            column[places] = values
        self._curve.append(record)
        # `places` are row numbers and the masks below are over `places`: places[mask] are the rows to write.
        finite = np.isfinite(record[places, 0]) & np.isfinite(judged)
        self.diverged_at[places[~finite]] = len(self._curve)
        better = finite & (judged < self.best_loss[places])
        self.best_loss[places[better]], self.best_epoch[places[better]] = judged[better], len(self._curve)
        self.best[places[better]] = parameters[better]
        if self._stopping is not None:
            # Patience has its own lowest loss: an improvement below `minimum_change` is kept, but does not reset it.
            lower = judged < self.lowest[places] - self._stopping.minimum_change
            self.waited[places] = np.where(lower, 0, self.waited[places] + 1)
            self.lowest[places[lower]] = judged[lower]

    def are_over(self, places: Array) -> Array:
        """Which networks diverged, or are out of patience."""
        over: Array = (self.diverged_at[places] > 0) | self._waited_enough(places)
        return over

    def end(self, places: Array, last: Array) -> None:
        """Record the parameters to keep: the best where training may stop early, else the `last`."""
        impatient = self._waited_enough(places)
        for i, place in enumerate(places.tolist()):
            if self.stopped[place] is None and impatient[i]:
                self.stopped[place] = "early"
            # A best epoch of 0 means that no epoch was finite, or none has ended: only the last parameters exist.
            keeps_best = self._stopping is not None or self.stopped[place] is not None
            self.final[place] = self.best[place] if keeps_best and self.best_epoch[place] else last[i]

    def result(self, place: int) -> TrainingResult | Diverged:
        """The result of one network, like that of a single training; the time is that of the whole stack."""
        if self.diverged_at[place]:
            return Diverged(int(self.diverged_at[place]))
        rows = self.curve[:, place]
        records = [_record(i + 1, row) for i, row in enumerate(rows[~np.isnan(rows[:, 0])].tolist())]
        elapsed = records[-1].elapsed_seconds if records else 0.0
        best_epoch, best_loss = int(self.best_epoch[place]), float(self.best_loss[place])
        return TrainingResult(self.stopped[place], best_epoch, best_loss, len(records), records, elapsed)

    def _waited_enough(self, places: Array) -> Array:
        if self._stopping is None:
            return np.zeros(len(places), bool)
        enough: Array = self.waited[places] >= self._stopping.patience
        return enough


def _record(epoch: int, row: list[float]) -> EpochRecord:
    loss, validation_loss, rate, elapsed_seconds = row
    return EpochRecord(epoch, loss, None if np.isnan(validation_loss) else validation_loss, rate, elapsed_seconds)
