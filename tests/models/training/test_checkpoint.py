"""A training that was saved and taken up again ends with the same bits as one that was left alone."""

import os
import subprocess
import sys

import numpy as np
import pytest

from models.errors import BadCheckpoint, Interrupted
from models.training import checkpoint
from models.training.callbacks import Interruption, NoCallback
from tests.support.processes import PROJECT
from tests.support.training.resumable import CASES, end_of, training_of


class LeavesAfterItsCheckpoint(NoCallback):
    """Cancels as soon as it has a checkpoint and is asked again; a clock that jumps makes it asked at each batch."""

    state: bytes | None = None

    def checkpoint(self, state: bytes) -> None:
        self.state = state

    def interruption(self) -> Interruption | None:
        return None if self.state is None else "cancel"


def jumping_clock():
    seconds = iter(range(10**9))
    return lambda: float(next(seconds))


def state_in_the_middle(name: str) -> bytes:
    """The state after five epochs, of a training that was killed in the sixth."""
    monitor, training = LeavesAfterItsCheckpoint(), training_of(name)
    training._clock = jumping_clock()
    with pytest.raises(Interrupted):
        training.run(monitor)
    assert monitor.state is not None
    return monitor.state


@pytest.mark.parametrize("name", CASES)
def test_a_restored_training_ends_with_the_same_bits(name):
    restored = training_of(name)
    restored.restore(state_in_the_middle(name))
    assert end_of(restored) == end_of(training_of(name))


def test_it_ends_with_the_same_bits_in_another_process_too(tmp_path):
    files = []
    for name in CASES:
        files.append(tmp_path / f"{name}.state")
        files[-1].write_bytes(state_in_the_middle(name))
    script = [sys.executable, "-m", "tests.support.training.resumable", *map(str, files)]
    told = subprocess.run(
        script, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(PROJECT)}
    )
    ends = dict(line.split("\t") for line in told.stdout.splitlines())
    assert ends == {name: end_of(training_of(name)) for name in CASES}


def test_a_finished_training_stays_finished_when_it_is_restored():
    finished = training_of("early stopping")
    end = end_of(finished)
    restored = training_of("early stopping")
    restored.restore(finished.state())
    assert end_of(restored) == end


def test_a_cut_or_changed_checkpoint_is_refused():
    state = training_of("adam").state()
    for bad in (b"", state[:-1], state[:100], state[:200] + b"x" + state[201:], state + b"x"):
        with pytest.raises(BadCheckpoint):
            checkpoint.from_bytes(bad)


def test_a_checkpoint_of_another_training_is_refused():
    with pytest.raises(BadCheckpoint):
        training_of("sgd").restore(training_of("adam").state())


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"a": np.zeros(3)},
        {"a": np.zeros((1, 2))},
        {"a": np.zeros(2, np.float32)},
    ],
    ids=["missing", "longer", "another shape", "another type"],
)
def test_arrays_of_another_training_are_rejected_and_change_nothing(other):
    own = np.ones(2)
    with pytest.raises(BadCheckpoint):
        checkpoint.restore_arrays({"a": own}, other)
    assert own.tolist() == [1, 1]
