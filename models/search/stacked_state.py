"""The state of a stacked training to bytes and back, bit for bit."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from models import checkpoint
from models.errors import BadCheckpoint

if TYPE_CHECKING:
    from models.search.member import Member
    from models.search.stacked_training import StackedTraining


def saved(training: StackedTraining) -> bytes:
    """Everything that the rest of the training depends on, with the ends of those that left."""
    arrays = {"parameters": training.layout.rows(training.parameters)} if training.in_stack else {}
    if training.in_stack:
        arrays |= {f"remembered.{name}": one for name, one in training.remembered().items()}
    for member in training.members:
        arrays[f"{member.place}.best"] = member.best.arrays["parameters"]
        arrays[f"{member.place}.network"] = member.network.parameters
        arrays[f"{member.place}.curve"] = member.curve.array
    values = {
        "belongs_to": training.identity(),
        "epoch": training.epoch,
        "in_stack": [member.place for member in training.in_stack],
        "order": training.order.bit_generator.state,
        "numbers": list(training.numbers()),
        "members": [_of_member(member) for member in training.members],
        "elapsed_seconds": training.elapsed_seconds,
    }
    return checkpoint.to_bytes(checkpoint.State(values, arrays))


def restored(training: StackedTraining, data: bytes) -> None:
    """Put everything back; raises BadCheckpoint where the state is another training's."""
    state = checkpoint.from_bytes(data)
    values: dict[str, Any] = dict(state.values)
    if values["belongs_to"] != json.loads(json.dumps(training.identity())):
        raise BadCheckpoint("The checkpoint belongs to a search of other settings.")
    for member, of_member in zip(training.members, values["members"], strict=True):
        _restore_member(member, of_member, state)
    training.epoch, training.elapsed_before = values["epoch"], values["elapsed_seconds"]
    training.order.bit_generator.state = values["order"]
    members = [training.members[place] for place in values["in_stack"]]
    training.keep_in_stack(members, state.arrays.get("parameters", np.empty((0, 0))))
    if members:
        prefix = "remembered."
        remembered = {name[len(prefix) :]: one for name, one in state.arrays.items() if name.startswith(prefix)}
        training.remember(remembered, *values["numbers"])


def _of_member(member: Member) -> dict[str, Any]:
    patience = member.patience
    return {
        "best": [_or_none(member.best.loss), member.best.epoch],
        "patience": None if patience is None else [_or_none(patience.lowest), patience.waited],
        "schedule": member.schedule.state(),
        "stopped": member.stopped,
        "diverged_at": member.diverged_at,
    }


def _restore_member(member: Member, values: dict[str, Any], state: checkpoint.State) -> None:
    member.best.arrays["parameters"][...] = state.arrays[f"{member.place}.best"]
    member.network.parameters[...] = state.arrays[f"{member.place}.network"]
    member.curve.restore(state.arrays[f"{member.place}.curve"])
    member.best.loss, member.best.epoch = _or_infinite(values["best"][0]), values["best"][1]
    if member.patience is not None:
        member.patience.lowest, member.patience.waited = _or_infinite(values["patience"][0]), values["patience"][1]
    member.schedule.restore(values["schedule"])
    member.stopped, member.diverged_at = values["stopped"], values["diverged_at"]


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _or_infinite(value: float | None) -> float:
    return math.inf if value is None else value
