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

REMEMBERED = "remembered."


class Savable(Protocol):
    """What of a stacked training is saved."""

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
        """The time that it has run."""

    def identity(self) -> list[object]:
        """What must be the same for a state to mean the same."""

    def remembered(self) -> dict[str, Array]:
        """What optimizer and average remember of each network."""

    def numbers(self) -> tuple[Numbers, Numbers]:
        """What else they remember."""

    def keep_in_stack(self, places: Array, parameters: Array) -> None:
        """Go on with these alone."""

    def remember(self, remembered: dict[str, Array], of_optimizer: Numbers, of_average: Numbers) -> None:
        """Put back what `remembered` and `numbers` gave."""


def saved(training: Savable) -> bytes:
    """Everything that the rest of the training depends on, with the ends of those that left."""
    arrays = {**training.records.arrays, "curve": training.records.curve, "places": training.places}
    if training.places.size:
        arrays["parameters"] = training.layout.rows(training.parameters)
        arrays |= {REMEMBERED + name: one for name, one in training.remembered().items()}
    values = {
        "belongs_to": training.identity(),
        "epoch": training.epoch,
        "stopped": training.records.stopped,
        "schedules": [one.state() for one in training.schedules],
        "order": training.order.bit_generator.state,
        "numbers": list(training.numbers()),
        "elapsed_seconds": training.elapsed_seconds,
    }
    return checkpoint.to_bytes(checkpoint.State(values, arrays))


def restored(training: Savable, data: bytes) -> None:
    """Put everything back; raises BadCheckpoint where the state is another training's."""
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
        prefixed = {name: one for name, one in state.arrays.items() if name.startswith(REMEMBERED)}
        remembered = {name.removeprefix(REMEMBERED): one for name, one in prefixed.items()}
        training.remember(remembered, *values["numbers"])
