"""The network itself, in float32."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from models.arrays import Array
from models.formats.onnx.graph import Graph
from models.network.layers import ActivationLayer, BatchNorm, Dense, Dropout, Layer, LayerNorm
from models.network.layers.batch_norm import EPSILON as BATCH_EPSILON
from models.network.layers.layer_norm import EPSILON as LAYER_EPSILON
from models.network.network import Network


def add_network(graph: Graph, network: Network, inputs: str) -> str:
    """The name of the outputs, float32 of shape (rows, n_outputs)."""
    value, activations = inputs, iter(network.specification.activations)
    for layer in network.layers:
        value = _add_layer(graph, network, layer, value, activations)
    return add_activation(graph, network.output_name, _dense(graph, network, "output", value))


def _add_layer(graph: Graph, network: Network, layer: Layer, value: str, activations: Iterator[str]) -> str:
    match layer:
        case Dense():
            return _dense(graph, network, layer.name, value)
        case BatchNorm():
            return _batch_norm(graph, network, layer.name, value)
        case LayerNorm():
            return _layer_norm(graph, network, layer.name, value)
        case ActivationLayer():
            return add_activation(graph, next(activations), value)
        case Dropout():
            return value  # it acts in training only
    raise TypeError(f"there is no ONNX form of {type(layer).__name__}")


def _dense(graph: Graph, network: Network, name: str, value: str) -> str:
    weight, bias = (_constant(graph, network.tensors[f"{name}.{tensor}"]) for tensor in ("weight", "bias"))
    return graph.add("Gemm", value, weight, bias)


def _constant(graph: Graph, tensor: Array) -> str:
    return graph.constant(tensor, np.float32)


def _layer_norm(graph: Graph, network: Network, name: str, value: str) -> str:
    scale, shift = (_constant(graph, network.tensors[f"{name}.{tensor}"]) for tensor in ("scale", "shift"))
    return graph.add("LayerNormalization", value, scale, shift, axis=-1, epsilon=LAYER_EPSILON)


def _batch_norm(graph: Graph, network: Network, name: str, value: str) -> str:
    """The batch norm of a trained network is one product and one sum, whose factors are computed in float64."""
    scale, shift = (network.tensors[f"{name}.{tensor}"].astype(np.float64) for tensor in ("scale", "shift"))
    mean, variance = (network.buffers[f"{name}.{buffer}"].astype(np.float64) for buffer in ("mean", "variance"))
    factor = scale / np.sqrt(variance + BATCH_EPSILON)
    product = graph.add("Mul", value, _constant(graph, factor))
    return graph.add("Add", product, _constant(graph, shift - mean * factor))


def add_activation(graph: Graph, name: str, value: str) -> str:
    """An activation of `models.network.activations` by its name."""
    if name == "linear":
        return value
    if name in _BUILT:
        return _BUILT[name](graph, value)
    operator, attributes = _OPERATORS[name]
    return graph.add(operator, value, **attributes)


_OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.01}),
    "elu": ("Elu", {"alpha": 1.0}),
    "selu": ("Selu", {}),
    "gelu": ("Gelu", {"approximate": "tanh"}),
    "mish": ("Mish", {}),
    "softplus": ("Softplus", {}),
    "softsign": ("Softsign", {}),
    "hard_sigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    "softmax": ("Softmax", {"axis": -1}),
    "exponential": ("Exp", {}),
}


def _silu(graph: Graph, value: str) -> str:
    return graph.add("Mul", value, graph.add("Sigmoid", value))


_BUILT: dict[str, Callable[[Graph, str], str]] = {"silu": _silu}
