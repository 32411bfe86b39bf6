"""The figures of the tutorial "Machine Learning for Beginners: An Introduction to Neural Networks" (V. Zhou, 2019)."""

import numpy as np
import pytest

from models.network.activations import ACTIVATIONS
from models.network.layers import Dense
from models.network.network import Network
from models.specification import Mse, NetworkSpecification, Sgd, TrainingSpecification
from models.training.backpropagation import Backpropagation
from models.training.batches import with_ones
from models.training.loop import Training
from models.training.losses import loss_function

PEOPLE = np.array([[-2.0, -1.0], [25.0, 6.0], [17.0, 4.0], [-15.0, -6.0]])
GENDER = np.array([[1.0], [0.0], [0.0], [1.0]])
SPECIFICATION = NetworkSpecification(
    hidden=(2,), activation="sigmoid", output="sigmoid", init="normal", dtype="float64"
)


def network_of(weight: list[float], bias: float) -> Network:
    network = Network(SPECIFICATION, 2, 1)
    for name, tensor in network.tensors.items():
        tensor[...] = bias if name.endswith("bias") else np.array(weight)[:, None]
    return network


def test_a_neuron_gives_the_published_figure():
    neuron = Dense("neuron", np.array([[0.0], [1.0], [4.0]]))
    z = neuron.forward(np.array([[2.0, 3.0]]))
    assert ACTIVATIONS["sigmoid"].forward(z, z).item() == pytest.approx(0.9990889488055994, abs=1e-16)


def test_the_network_of_two_two_one_neurons_gives_the_published_figure():
    network = network_of([0.0, 1.0], bias=0.0)
    assert network.forward(np.array([[2.0, 3.0]])).item() == pytest.approx(0.7216325609518421, abs=1e-16)


def test_the_mean_squared_error_of_the_tutorial_is_a_half():
    values = loss_function(Mse()).values(np.zeros((4, 1)), np.array([[1.0], [0.0], [0.0], [1.0]]))
    assert values.mean() == 0.5


def test_alice_gives_the_published_values_and_slope():
    network, gradient = network_of([1.0, 1.0], bias=0.0), np.zeros(9)
    alice, label, out = PEOPLE[:1], GENDER[:1], np.zeros((1, 1))
    assert network.activations(alice)[0][0] == pytest.approx([0.04742587317756678] * 2, abs=1e-16)
    workspace = Backpropagation(network, loss_function(Mse()), 1, gradient, np.random.default_rng(0))
    workspace.run(with_ones(alice, alice.dtype).T, label.T, None, out)
    assert out.item() == pytest.approx(0.5236951740839997, abs=1e-16)
    assert gradient[0] == pytest.approx(0.02146953526581111, abs=1e-16)


def test_a_thousand_epochs_of_the_tutorial_end_where_the_reference_ends():
    """The reference: plain per-neuron code, its weights and then biases drawn from default_rng(0) … default_rng(59)."""
    ends = np.array([trained(seed) for seed in range(60)])
    assert ends.min(axis=0) == pytest.approx([0.0013, 0.946, 0.037], abs=0.0005)
    assert ends.max(axis=0) == pytest.approx([0.0024, 0.970, 0.241], abs=0.0005)
    assert [round(ends[:, 0].min(), 4), round(ends[:, 0].max(), 4)] == [0.0013, 0.0024]


def trained(seed: int) -> list[float]:
    """The mean squared error, Emily and Frank."""
    chosen = TrainingSpecification(
        epochs=1000, loss=Mse(), optimizer=Sgd(learning_rate=0.1), batch_size=1, shuffle=False
    )
    network = Network.create(SPECIFICATION, 2, 1, np.random.default_rng(seed))
    Training(network, chosen, PEOPLE, GENDER, seed=seed).run()
    emily, frank = network.forward(np.array([[-7.0, -3.0], [20.0, 2.0]]))[:, 0].tolist()
    return [float(np.mean((network.forward(PEOPLE) - GENDER) ** 2)), emily, frank]
