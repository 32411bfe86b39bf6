"""The sixty plain lines of `docs/plain_network.py` and the library compute the same."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from models.network.network import Network
from models.specification import Mse, NetworkSpecification, Sgd, TrainingSpecification
from models.training.loop import Training

PLAIN = Path(__file__).resolve().parents[2] / "docs" / "plain_network.py"


@pytest.fixture
def plain():
    specification = spec_from_file_location("plain_network", PLAIN)
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def copied(plain_network, hidden: tuple[int, ...], n_inputs: int) -> Network:
    """The library's network with the weights of the plain one."""
    chosen = NetworkSpecification(hidden=hidden, activation="sigmoid", output="sigmoid", init="normal", dtype="float64")
    network = Network(chosen, n_inputs, 1)
    names = [*(f"hidden.{k}" for k in range(len(hidden))), "output"]
    for name, weight, bias in zip(names, plain_network.weights, plain_network.biases, strict=True):
        network.tensors[f"{name}.weight"][...], network.tensors[f"{name}.bias"][...] = weight, bias
    return network


@pytest.mark.parametrize(("hidden", "batch_size"), [((2,), 1), ((5, 3), 4), ((), 7)])
def test_both_end_with_the_same_weights(plain, hidden, batch_size):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(10, 2)), rng.integers(0, 2, (10, 1)).astype(float)
    plain_network = plain.PlainNetwork([2, *hidden, 1], rng)
    network = copied(plain_network, hidden, 2)
    steps = TrainingSpecification(
        epochs=40, batch_size=batch_size, shuffle=False, loss=Mse(), optimizer=Sgd(learning_rate=0.5)
    )
    Training(network, steps, x, y, seed=1).run()
    before = plain_network.forward(x)
    plain_network.train(x, y, epochs=40, learning_rate=0.5, batch_size=batch_size)
    assert np.abs(plain_network.forward(x) - before).max() > 0.05
    assert network.parameters == pytest.approx(copied(plain_network, hidden, 2).parameters, abs=1e-12)


def test_the_plain_network_gives_the_published_figures(plain):
    network = plain.PlainNetwork([2, 2, 1], np.random.default_rng(0))
    network.weights = [np.ones((2, 2)), np.ones((2, 1))]
    network.biases = [np.zeros(2), np.zeros(1)]
    alice = np.array([[-2.0, -1.0]])
    assert network.forward(alice).item() == pytest.approx(0.5236951740839997, abs=1e-16)
    assert network.gradients(alice, np.array([[1.0]]))[0][0][0, 0] == pytest.approx(0.02146953526581111, abs=1e-16)
