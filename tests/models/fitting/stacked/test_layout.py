"""The layout puts every parameter of every network where its layer's product reads it, and back."""

import numpy as np
import pytest

from models.fitting.stacked.layout import Layout
from models.network.network import Network
from models.specification import NetworkSpecification


def networks(hidden, n_networks=3):
    specification = NetworkSpecification(hidden=hidden, dtype="float64")
    rngs = [np.random.default_rng(k) for k in range(n_networks)]
    made = [Network.create(specification, 4, 2, rng) for rng in rngs]
    for network, rng in zip(made, rngs, strict=True):
        network.parameters[...] = rng.normal(size=network.parameters.size)
    return made


@pytest.mark.parametrize("hidden", [(), (5,), (5, 3)])
def test_each_layer_holds_the_weights_and_biases_of_every_network(hidden):
    made = networks(hidden)
    rows = np.stack([network.parameters for network in made])
    layout = Layout((4, *hidden, 2), 3)
    vector = np.zeros(layout.size)
    layout.fill(vector, rows)
    np.testing.assert_array_equal(layout.rows(vector), rows)
    for name, layer in zip(made[0].dense_names, layout.by_network(vector), strict=True):
        for k, network in enumerate(made):
            np.testing.assert_array_equal(layer[k, :-1], network.tensors[f"{name}.weight"])
            np.testing.assert_array_equal(layer[k, -1], network.tensors[f"{name}.bias"])


def test_the_first_layers_are_one_matrix_with_a_row_for_each_neuron():
    layout = Layout((4, 5, 2), 3)
    first, second = layout.blocks(np.arange(float(layout.size)))
    assert (first.shape, second.shape) == ((15, 5), (3, 6, 2))
    assert layout.n_parameters == 5 * 5 + 6 * 2
    assert first.ravel().tolist() == list(range(75))
    assert second.ravel().tolist() == list(range(75, 111))


def test_a_value_of_each_network_is_spread_over_its_parameters_and_with_0_over_its_biases():
    layout = Layout((4, 5, 2), 2)
    everywhere = layout.rows(layout.spread([7.0, -1.0], np.dtype(float)))
    np.testing.assert_array_equal(everywhere, [[7.0] * 37, [-1.0] * 37])
    on_weights = layout.rows(layout.spread([7.0, -1.0], np.dtype(float), weights_alone=True))
    expected = [7.0] * 20 + [0.0] * 5 + [7.0] * 10 + [0.0] * 2
    np.testing.assert_array_equal(on_weights, [expected, [-value / 7 for value in expected]])
