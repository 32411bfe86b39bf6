"""The loss over the epochs, kept as one array that grows."""

import math

import numpy as np

from models.arrays import Array
from models.training.callbacks import EpochRecord


class Curve:
    """One row for each epoch: loss, validation loss (NaN where there is none), learning rate, elapsed seconds."""

    def __init__(self) -> None:
        self._rows: Array = np.zeros((64, 4))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, record: EpochRecord) -> None:
        """Add the next epoch; the array doubles when it is full."""
        if self._length == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        validation_loss = math.nan if record.validation_loss is None else record.validation_loss
        self._rows[self._length] = record.loss, validation_loss, record.learning_rate, record.elapsed_seconds
        self._length += 1

    def records(self) -> list[EpochRecord]:
        """The records of all epochs so far, from the first."""
        return [_record(i + 1, row) for i, row in enumerate(self.array.tolist())]

    @property
    def array(self) -> Array:
        """The rows so far, of shape (n_epochs, 4)."""
        return self._rows[: self._length]

    def restore(self, array: Array) -> None:
        """Continue from saved rows."""
        self._rows = np.concatenate([array, np.zeros((64, 4))])
        self._length = len(array)


def _record(epoch: int, row: list[float]) -> EpochRecord:
    loss, validation_loss, learning_rate, elapsed_seconds = row
    return EpochRecord(
        epoch, loss, None if math.isnan(validation_loss) else validation_loss, learning_rate, elapsed_seconds
    )
