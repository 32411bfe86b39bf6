"""The gradient of a trained network's logits with respect to its inputs: backpropagation down to x."""

from dataclasses import replace

import numpy as np

from models.arrays import Array
from models.network.layers import ActivationLayer, BatchNorm, Dense, Dropout, Layer, LayerNorm
from models.network.layers.batch_norm import EPSILON as BATCH_EPSILON
from models.network.layers.layer_norm import EPSILON as LAYER_EPSILON
from models.network.network import Network


def in_float64(network: Network) -> Network:
    """A copy of the network in float64."""
    wide = Network(replace(network.specification, dtype="float64"), network.n_inputs, network.n_outputs)
    wide.parameters[...] = network.parameters
    wide.running[...] = network.running
    return wide


def logit_gradient(network: Network, x: Array, output: int) -> Array:
    """dz/dx for one logit z, of the shape of x, (n_samples, n_inputs)."""
    layers = [layer for layer in network.layers if not isinstance(layer, Dropout)]
    values = [x]
    for layer in layers:
        values.append(layer.forward(values[-1]))
    grad = np.repeat(network.output_layer.weight[:, output][None], len(x), axis=0)
    for layer, before, after in zip(reversed(layers), values[-2::-1], values[:0:-1], strict=True):
        grad = _backward(layer, before, after, grad)
    return grad


def _backward(layer: Layer, x: Array, y: Array, grad: Array) -> Array:
    """dz/dx from dz/dy of one layer."""
    match layer:
        case Dense():
            return np.asarray(grad @ layer.weight.T)
        case BatchNorm():
            return np.asarray(grad * layer.scale / np.sqrt(layer.variance + BATCH_EPSILON))
        case LayerNorm():
            return _through_layer_norm(layer, x, grad)
        case ActivationLayer():
            slope = grad.copy()
            layer.activation.backward(x, y, slope)
            return slope
    raise TypeError(f"no way back through {type(layer).__name__}")


def _through_layer_norm(layer: LayerNorm, x: Array, grad: Array) -> Array:
    """With x̂ the normed x and g = dL/dy · scale: (g − mean g − x̂ · mean(g · x̂)) / √(variance + ε)."""
    centred = x - x.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + LAYER_EPSILON)
    normed, scaled = centred / deviation, grad * layer.scale
    shared = scaled.mean(axis=1, keepdims=True) + normed * (scaled * normed).mean(axis=1, keepdims=True)
    return np.asarray((scaled - shared) / deviation)
