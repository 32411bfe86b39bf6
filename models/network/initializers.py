"""The parameters that training starts from. Most rules keep the scale of signals similar from layer to layer."""

import math

import numpy as np

from models.arrays import Array
from models.specification import InitName

_HE_FAMILY = {"relu", "leaky_relu", "elu", "gelu", "silu", "mish", "softplus"}


def default_init(activation: str) -> InitName:
    """He for the relu family, LeCun for selu (which its fixed point requires), Glorot for all others."""
    if activation in _HE_FAMILY:
        return "he_uniform"
    return "lecun_normal" if activation == "selu" else "glorot_uniform"


def initial_weight(init: InitName, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Array:
    """A weight of shape (n_inputs, n_outputs) in float64.

    glorot: variance 2 / (n_inputs + n_outputs) (Glorot and Bengio 2010, equation 16); he: 2 / n_inputs (He et al.
    2015, equation 10); lecun: 1 / n_inputs (LeCun et al. 1998, section 4.6). A uniform rule of variance v draws from
    ±√(3 v). `uniform` draws from ±1/√n_inputs, `normal` from N(0, 1). Weights are drawn neuron by neuron: all weights
    into the first neuron, then those into the second.
    """
    return _drawn(init, n_inputs, n_outputs, rng).T


def _drawn(init: InitName, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Array:
    """The weights with one row for each neuron, of shape (n_outputs, n_inputs)."""
    shape = (n_outputs, n_inputs)
    if init == "zeros":
        return np.zeros(shape)
    if init == "normal":
        return rng.standard_normal(shape)
    if init == "uniform":
        return rng.uniform(-1, 1, shape) / math.sqrt(n_inputs)
    rule, distribution = init.split("_")
    deviation = math.sqrt(_variance(rule, n_inputs, n_outputs))
    if distribution == "normal":
        return rng.standard_normal(shape) * deviation
    return rng.uniform(-1, 1, shape) * (math.sqrt(3) * deviation)


def initial_bias(init: InitName, n_outputs: int, rng: np.random.Generator) -> Array:
    """A bias of shape (n_outputs,): from N(0, 1) for the rule `normal`, else zeros."""
    return rng.standard_normal(n_outputs) if init == "normal" else np.zeros(n_outputs)


def _variance(rule: str, n_inputs: int, n_outputs: int) -> float:
    if rule == "glorot":
        return 2 / (n_inputs + n_outputs)
    return 2 / n_inputs if rule == "he" else 1 / n_inputs
