"""Penalties, clipping and bounds of weights by hand calculation."""

import numpy as np
import pytest

from models.network.network import Network
from models.specification import GradientClip, NetworkSpecification
from models.training.regularization import Penalty, bound_incoming_weights, gradient_adjustments


def network_of(**choices):
    network = Network(NetworkSpecification(hidden=(), dtype="float64", **choices), 2, 1)
    network.tensors["output.weight"][...] = [[3.0], [-4.0]]
    network.tensors["output.bias"][...] = 100.0
    return network


def adjusted(gradient, clip=None, **choices):
    gradient = np.array(gradient)
    for adjust in gradient_adjustments(network_of(**choices), clip):
        adjust(gradient)
    return gradient.tolist()


@pytest.mark.parametrize(
    ("choices", "value", "slope"),
    [
        ({}, 0.0, [0.0, 0.0, 0.0]),
        ({"l1": 0.5}, 3.5, [0.5, -0.5, 0.0]),
        ({"l2": 0.1}, 1.25, [0.3, -0.4, 0.0]),
        ({"l1": 0.5, "l2": 0.1}, 4.75, [0.8, -0.9, 0.0]),
    ],
)
def test_a_penalty_and_its_slope_are_of_weights_alone(choices, value, slope):
    assert Penalty(network_of(**choices)).value() == pytest.approx(value)
    assert adjusted([0.0, 0.0, 0.0], **choices) == pytest.approx(slope)


@pytest.mark.parametrize(("norm", "expected"), [(5.001, [3.0, -4.0, 0.0]), (2.5, [1.5, -2.0, 0.0])])
def test_a_gradient_longer_than_the_norm_is_shortened_to_it(norm, expected):
    assert adjusted([3.0, -4.0, 0.0], GradientClip(norm=norm)) == pytest.approx(expected, rel=1e-6)


def test_elements_beyond_the_value_are_cut():
    assert adjusted([3.0, -4.0, 0.5], GradientClip(value=1.0)) == [1.0, -1.0, 0.5]


def test_the_penalty_is_part_of_the_gradient_that_is_clipped():
    assert adjusted([0.0, 0.0, 0.0], GradientClip(value=0.2), l1=0.5) == [0.2, -0.2, 0.0]


@pytest.mark.parametrize(("max_norm", "expected"), [(None, [3, -4]), (5.0, [3, -4]), (1.0, [0.6, -0.8])])
def test_weights_longer_than_the_max_norm_are_shortened_to_it(max_norm, expected):
    network = network_of(max_norm=max_norm)
    bound_incoming_weights(network)
    assert network.tensors["output.weight"][:, 0].tolist() == pytest.approx(expected)
    assert network.tensors["output.bias"].tolist() == [100.0]
