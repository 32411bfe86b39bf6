"""Everything of a training that changes as it runs: together it determines the rest of the training, bit for bit."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.arrays import Array
from models.errors import BadCheckpoint
from models.network.network import Network
from models.training import checkpoint
from models.training.early_stopping import BestWeights, Patience
from models.training.learning_curve import Curve
from models.training.optimizers import Lbfgs, Optimizer
from models.training.schedules import Schedule
from models.training.weight_averaging import WeightAverage


@dataclass
class TrainingState:
    """The state of one training. `order` draws the permutations and `noise`, independently, the dropout masks."""

    network: Network
    optimizer: Optimizer | Lbfgs
    schedule: Schedule
    average: WeightAverage | None
    patience: Patience | None
    best: BestWeights
    order: np.random.Generator
    noise: np.random.Generator
    curve: Curve = field(default_factory=Curve)
    elapsed_before: float = 0.0

    def to_bytes(self, identity: list[object], elapsed_seconds: float) -> bytes:
        """The state as bytes; `identity` must be the same in the training that restores it."""
        patience = self.patience
        values = {
            "belongs_to": identity,
            "order": self.order.bit_generator.state,
            "noise": self.noise.bit_generator.state,
            "optimizer": self.optimizer.numbers,
            "average": None if self.average is None else self.average.numbers,
            "schedule": self.schedule.state(),
            "best": [_or_none(self.best.loss), self.best.epoch],
            "patience": None if patience is None else [_or_none(patience.lowest), patience.waited],
            "elapsed_seconds": elapsed_seconds,
        }
        return checkpoint.to_bytes(checkpoint.State(values, {**self._arrays(), "curve": self.curve.array}))

    def restore(self, data: bytes, identity: list[object]) -> None:
        """Restore everything. Raises BadCheckpoint where the state belongs to another training."""
        state = checkpoint.from_bytes(data)
        values: dict[str, Any] = dict(state.values)
        if values["belongs_to"] != json.loads(json.dumps(identity)):
            raise BadCheckpoint("The checkpoint belongs to a training with another specification.")
        checkpoint.restore_arrays(self._arrays(), state.arrays)
        self.curve.restore(state.arrays["curve"])
        self.order.bit_generator.state = values["order"]
        self.noise.bit_generator.state = values["noise"]
        self.optimizer.numbers.update(values["optimizer"])
        if self.average is not None:
            self.average.numbers.update(values["average"])
        self.schedule.restore(values["schedule"])
        self.best.loss, self.best.epoch = _or_infinite(values["best"][0]), values["best"][1]
        if self.patience is not None:
            self.patience.lowest, self.patience.waited = _or_infinite(values["patience"][0]), values["patience"][1]
        self.elapsed_before = values["elapsed_seconds"]

    def _arrays(self) -> dict[str, Array]:
        arrays = {"parameters": self.network.parameters, "running": self.network.running}
        arrays |= {f"optimizer.{name}": array for name, array in self.optimizer.arrays.items()}
        arrays |= {f"best.{name}": array for name, array in self.best.arrays.items()}
        if self.average is not None:
            arrays |= {f"average.{name}": array for name, array in self.average.arrays.items()}
        return arrays


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _or_infinite(value: float | None) -> float:
    return math.inf if value is None else value
