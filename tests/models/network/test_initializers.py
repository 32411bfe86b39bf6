"""Initial weights: which rule is the default, its limits, and the order in which they are drawn."""

import numpy as np
import pytest

from models.network.initializers import default_init, initial_bias, initial_weight
from models.network.network import Network
from models.specification import ACTIVATION_NAMES, NetworkSpecification

HE = {"relu", "leaky_relu", "elu", "gelu", "silu", "mish", "softplus"}


@pytest.mark.parametrize("activation", [*ACTIVATION_NAMES, "exponential"])
def test_each_activation_has_the_rule_that_its_paper_asks_for(activation):
    expected = "he_uniform" if activation in HE else "lecun_normal" if activation == "selu" else "glorot_uniform"
    assert default_init(activation) == expected


@pytest.mark.parametrize(
    ("init", "limit"),
    [
        ("glorot_uniform", np.sqrt(6 / 50)),
        ("he_uniform", np.sqrt(6 / 40)),
        ("lecun_uniform", np.sqrt(3 / 40)),
        ("uniform", 1 / np.sqrt(40)),
    ],
)
def test_a_uniform_rule_fills_its_interval(init, limit):
    weight = np.concatenate([initial_weight(init, 40, 10, np.random.default_rng(k)).ravel() for k in range(20)])
    assert np.abs(weight).max() <= limit
    assert (weight.min(), weight.max()) == (pytest.approx(-limit, rel=0.01), pytest.approx(limit, rel=0.01))


def test_weights_are_drawn_neuron_by_neuron():
    weight = initial_weight("normal", 3, 2, np.random.default_rng(0))
    np.testing.assert_array_equal(weight.T.ravel(), np.random.default_rng(0).standard_normal(6))


def test_all_weights_are_drawn_before_all_biases():
    specification = NetworkSpecification(hidden=(2,), init="normal", dtype="float64")
    network = Network.create(specification, 3, 1, np.random.default_rng(0))
    drawn = np.random.default_rng(0).standard_normal(6 + 2 + 2 + 1)
    tensors = network.tensors
    np.testing.assert_array_equal(tensors["hidden.0.weight"].T.ravel(), drawn[:6])
    np.testing.assert_array_equal(tensors["output.weight"].T.ravel(), drawn[6:8])
    np.testing.assert_array_equal(tensors["hidden.0.bias"], drawn[8:10])
    np.testing.assert_array_equal(tensors["output.bias"], drawn[10:])
    assert initial_bias("he_uniform", 2, np.random.default_rng(0)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("norm", ["batch_norm", "layer_norm"])
def test_a_norm_begins_with_scale_1_shift_0_mean_0_and_variance_1(norm):
    network = Network.create(NetworkSpecification(hidden=(2, 3), **{norm: True}), 3, 1, np.random.default_rng(0))
    begins = {"scale": 1.0, "shift": 0.0, "mean": 0.0, "variance": 1.0}
    parts = {name: tensor for name, tensor in (network.tensors | network.buffers).items() if ".norm." in name}
    assert len(parts) == (8 if norm == "batch_norm" else 4)
    for name, tensor in parts.items():
        np.testing.assert_array_equal(tensor, begins[name.rsplit(".", 1)[1]])
