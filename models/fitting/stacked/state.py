"""The state of a stacked training to bytes and back, bit for bit."""

import json
from typing import Any, Protocol

import numpy as np

from models.arrays import Array
from models.errors import BadCheckpoint
from models.fitting.stacked.layout import Layout
from models.fitting.stacked.records import TrainingRecords
from models.training import checkpoint
from models.training.optimizers.optimizer import Numbers
from models.training.schedules import Schedule

PREFIX = "remembered."
"""Begins the names of the arrays of optimizer and average in a checkpoint."""


class Savable(Protocol):
    """A stacked training, as it is saved and restored."""

    places: Array
    records: TrainingRecords
    schedules: list[Schedule]
    layout: Layout
    parameters: Array
    order: np.random.Generator
    epoch: int
    elapsed_before: float

    @property
    def elapsed_seconds(self) -> float:
        """The time that the training has run."""

    def identity(self) -> list[object]:
        """What must be equal in the training that restores a state."""

    def inner_arrays(self) -> dict[str, Array]:
        """The arrays of optimizer and average for each network."""

    def inner_numbers(self) -> tuple[Numbers, Numbers]:
        """The numbers of optimizer and average."""

    def keep_in_stack(self, places: Array, parameters: Array) -> None:
        """Continue with these networks only."""

    def restore_inner(self, arrays: dict[str, Array], of_optimizer: Numbers, of_average: Numbers) -> None:
        """Restore the arrays and numbers of optimizer and average."""


def to_bytes(training: Savable) -> bytes:
    """Everything that the rest of the training depends on, with the results of networks that left the stack."""
    arrays = {**training.records.arrays, "curve": training.records.curve, "places": training.places}
    if training.places.size:
        arrays["parameters"] = training.layout.rows(training.parameters)
        arrays |= {PREFIX + name: array for name, array in training.inner_arrays().items()}
    values = {
        "belongs_to": training.identity(),
        "epoch": training.epoch,
        "stopped": training.records.stopped,
        "schedules": [schedule.state() for schedule in training.schedules],
        "order": training.order.bit_generator.state,
        "numbers": list(training.inner_numbers()),
        "elapsed_seconds": training.elapsed_seconds,
    }
    return checkpoint.to_bytes(checkpoint.State(values, arrays))


def restore(training: Savable, data: bytes) -> None:
    """Restore everything. Raises BadCheckpoint where the state belongs to another training."""
    state = checkpoint.from_bytes(data)
    values: dict[str, Any] = dict(state.values)
    if values["belongs_to"] != json.loads(json.dumps(training.identity())):
        raise BadCheckpoint("The checkpoint belongs to a search of other settings.")
    checkpoint.restore_arrays(training.records.arrays, state.arrays)
    training.records.curve, training.records.stopped = state.arrays["curve"], values["stopped"]
    for schedule, of_schedule in zip(training.schedules, values["schedules"], strict=True):
        schedule.restore(of_schedule)
    training.epoch, training.elapsed_before = values["epoch"], values["elapsed_seconds"]
    training.order.bit_generator.state = values["order"]
    places = state.arrays["places"]
    training.keep_in_stack(places, state.arrays.get("parameters", np.empty((0, 0))))
    if places.size:
        prefixed = {name: array for name, array in state.arrays.items() if name.startswith(PREFIX)}
        arrays = {name.removeprefix(PREFIX): array for name, array in prefixed.items()}
        training.restore_inner(arrays, *values["numbers"])
