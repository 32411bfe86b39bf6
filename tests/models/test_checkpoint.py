"""A training that was saved and taken up again ends with the same bits as one that was left alone."""


import numpy as np
import pytest

from models import checkpoint
from models.errors import BadCheckpoint
from models.monitor import NoMonitor
from models.network import Network
from models.specification import NetworkSpecification, TrainingSpecification
from models.training import Training

NETWORK = NetworkSpecification(hidden=(8, 8), activation="tanh", output="softmax", dropout=0.2)
CHOSEN = TrainingSpecification(epochs=12, batch_size=16, checkpoint_every=5)


def training_of(chosen: TrainingSpecification = CHOSEN) -> Training:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((70, 4))
    y = np.eye(3)[rng.integers(0, 3, 70)]
    network = Network.create(NETWORK, 4, 3, np.random.default_rng(5))
    return Training(network, chosen, x[:50], y[:50], validation=(x[50:], y[50:]), seed=5)


class LeavesAfterItsCheckpoint(NoMonitor):
    """Keeps the first checkpoint and then cancels."""

    state: bytes | None = None

    def checkpoint(self, state: bytes) -> None:
        self.state = state

    def interruption(self):
        return None if self.state is None else "cancel"


def state_in_the_middle() -> bytes:
    monitor = LeavesAfterItsCheckpoint()
    training = training_of()
    training.run(monitor)
    assert monitor.state is not None
    return monitor.state


def test_a_restored_training_ends_with_the_same_bits():
    calm = training_of()
    calm.run()
    rough = training_of()
    rough.restore(state_in_the_middle())
    rough.run()
    assert rough.network.parameters.tobytes() == calm.network.parameters.tobytes()


def test_a_cut_or_changed_checkpoint_is_refused():
    state = training_of().state()
    for bad in (b"", state[:-1], state[:100], state[:200] + b"x" + state[201:]):
        with pytest.raises(BadCheckpoint):
            checkpoint.from_bytes(bad)


def test_a_checkpoint_of_another_training_is_refused():
    other = TrainingSpecification(epochs=13)
    with pytest.raises(BadCheckpoint):
        training_of(other).restore(training_of().state())
