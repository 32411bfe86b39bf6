"""A feedforward network: layers one after the other, all their parameters in one flat vector."""

import math
from collections.abc import Callable

import numpy as np

from models.arrays import Array
from models.network.activations import ACTIVATIONS
from models.network.initializers import default_init, initial_bias, initial_weight
from models.network.layers import ActivationLayer, BatchNorm, Dense, Dropout, Layer, LayerNorm
from models.network.transposed_forward import FEWEST_ROWS, TransposedForward, transposed_forward
from models.specification import NetworkSpecification

Shapes = dict[str, tuple[int, ...]]


class Network:
    """x of shape (n_samples, n_inputs) → hidden layers → logits → output, of shape (n_samples, n_outputs).

    `parameters` is one contiguous vector and `tensors` holds views of it by name ("hidden.0.weight" of shape
    (n_inputs, n_outputs), "output.bias", …), so that an optimizer updates everything with one statement; `buffers`
    holds what is estimated without a gradient. A forward pass changes nothing, so one network serves many threads.
    """

    def __init__(self, specification: NetworkSpecification, n_inputs: int, n_outputs: int) -> None:
        self.specification, self.n_inputs, self.n_outputs = specification, n_inputs, n_outputs
        self.dtype: np.dtype[np.generic] = np.dtype(specification.dtype)
        self.shapes = tensor_shapes(specification, n_inputs, n_outputs)
        self.parameters: Array = np.zeros(n_elements(self.shapes), self.dtype)
        self.tensors = views(self.parameters, self.shapes)
        buffer_shapes = running_shapes(specification)
        self.running: Array = np.zeros(n_elements(buffer_shapes), self.dtype)
        self.buffers = views(self.running, buffer_shapes)
        self.output_name = specification.output or "linear"
        self.layers = self._hidden_layers()
        self.output_layer = Dense("output", self.layer_views(self.parameters)["output"])
        self.output_activation = ACTIVATIONS[self.output_name]
        self._steps = tuple(_inference_step(layer) for layer in self.layers if not isinstance(layer, Dropout))
        self._transposed = transposed_forward(self.layers, self.output_layer, n_inputs, self.dtype)
        self._transposed_output = self.output_activation.transposed

    @classmethod
    def create(
        cls, specification: NetworkSpecification, n_inputs: int, n_outputs: int, rng: np.random.Generator
    ) -> "Network":
        """A network with initial parameters drawn by the rule `specification.init`: all weights, then all biases."""
        network = cls(specification, n_inputs, n_outputs)
        following = (*specification.activations, network.output_name)
        inits = [specification.init or default_init(activation) for activation in following]
        for name, init in zip(network.dense_names, inits, strict=True):
            weight = network.tensors[f"{name}.weight"]
            weight[...] = initial_weight(init, weight.shape[0], weight.shape[1], rng)
        for name, init in zip(network.dense_names, inits, strict=True):
            bias = network.tensors[f"{name}.bias"]
            bias[...] = initial_bias(init, bias.size, rng)
        for name, tensor in (network.tensors | network.buffers).items():
            if name.endswith((".norm.scale", ".norm.variance")):
                tensor[...] = 1
        return network

    @property
    def dense_names(self) -> tuple[str, ...]:
        """The names of the layers that hold weights, from the first to the last."""
        return (*(f"hidden.{i}" for i in range(len(self.specification.hidden))), "output")

    def forward(self, x: Array) -> Array:
        """The outputs for x, after the output activation."""
        if (transposed := self._transposed_for(x)) is not None:
            z = transposed.logits(x)
            return self._transposed_output.forward(z, z).T
        z = self.logits(x)
        return self.output_activation.forward(z, z)

    def logits(self, x: Array) -> Array:
        """The outputs for x before the output activation."""
        if (transposed := self._transposed_for(x)) is not None:
            return transposed.logits(x).T
        a = np.asarray(x, self.dtype)
        for step in self._steps:
            a = step(a)
        return self.output_layer.forward(a)

    def activations(self, x: Array) -> list[Array]:
        """The values of every layer for x: each hidden layer after its activation, then the output."""
        if (transposed := self._transposed_for(x)) is not None:
            *hidden, z = transposed.layers(x)
            return [columns.T for columns in (*hidden, self._transposed_output.forward(z, z))]
        a, values = np.asarray(x, self.dtype), []
        for layer in self.layers:
            a = layer.forward(a)
            if isinstance(layer, ActivationLayer):
                values.append(a)
        z = self.output_layer.forward(a)
        return [*values, self.output_activation.forward(z, z)]

    def _transposed_for(self, x: Array) -> TransposedForward | None:
        return self._transposed if len(x) >= FEWEST_ROWS else None

    def layer_views(self, vector: Array) -> dict[str, Array]:
        """Views of a flat vector as training reads it: each dense layer's weight with its bias as the last row."""
        shapes: Shapes = {}
        for name, shape in self.shapes.items():
            if name.endswith(".weight"):
                shapes[name.removesuffix(".weight")] = (shape[0] + 1, shape[1])
            elif not name.endswith(".bias"):
                shapes[name] = shape
        return views(vector, shapes)

    def _hidden_layers(self) -> list[Layer]:
        layers: list[Layer] = []
        parameters = self.layer_views(self.parameters)
        choices = zip(
            self.specification.hidden, self.specification.activations, self.specification.dropouts, strict=True
        )
        for i, (width, activation, rate) in enumerate(choices):
            name = f"hidden.{i}"
            layers.append(Dense(name, parameters[name]))
            layers.extend(self._norm(f"{name}.norm"))
            layers.append(ActivationLayer(ACTIVATIONS[activation], width))
            if rate > 0:
                layers.append(Dropout(rate, width))
        return layers

    def _norm(self, name: str) -> list[Layer]:
        if not (self.specification.batch_norm or self.specification.layer_norm):
            return []
        scale, shift = self.tensors[f"{name}.scale"], self.tensors[f"{name}.shift"]
        if self.specification.layer_norm:
            return [LayerNorm(name, scale, shift)]
        return [BatchNorm(name, scale, shift, self.buffers[f"{name}.mean"], self.buffers[f"{name}.variance"])]


def tensor_shapes(specification: NetworkSpecification, n_inputs: int, n_outputs: int) -> Shapes:
    """The name and shape of every parameter tensor, in the order of the flat vector."""
    shapes: Shapes = {}
    widths = (n_inputs, *specification.hidden)
    for i, (before, width) in enumerate(zip(widths, specification.hidden, strict=False)):
        shapes[f"hidden.{i}.weight"] = (before, width)
        shapes[f"hidden.{i}.bias"] = (width,)
        if specification.batch_norm or specification.layer_norm:
            shapes[f"hidden.{i}.norm.scale"] = shapes[f"hidden.{i}.norm.shift"] = (width,)
    shapes["output.weight"] = (widths[-1], n_outputs)
    shapes["output.bias"] = (n_outputs,)
    return shapes


def running_shapes(specification: NetworkSpecification) -> Shapes:
    """The name and shape of every buffer: the running statistics of batch norm."""
    shapes: Shapes = {}
    for i, width in enumerate(specification.hidden if specification.batch_norm else ()):
        shapes[f"hidden.{i}.norm.mean"] = shapes[f"hidden.{i}.norm.variance"] = (width,)
    return shapes


def n_elements(shapes: Shapes) -> int:
    """The number of elements of all tensors together."""
    return sum(math.prod(shape) for shape in shapes.values())


def views(vector: Array, shapes: Shapes) -> dict[str, Array]:
    """Views of a flat vector by name, one after the other, in these shapes."""
    tensors, start = {}, 0
    for name, shape in shapes.items():
        tensors[name] = vector[start : start + math.prod(shape)].reshape(shape)
        start += math.prod(shape)
    return tensors


def _inference_step(layer: Layer) -> Callable[[Array], Array]:
    """The forward pass of a layer; an activation works in place, because the layer before it made a new array."""
    if isinstance(layer, ActivationLayer):
        return lambda z: layer.activation.forward(z, z)
    return layer.forward
