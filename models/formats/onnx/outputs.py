"""The outputs of the model: `predictions` of a regression, else `probabilities` and, for classes, the `label`."""

import numpy as np

from models.data.targets import ClassTarget, LabelsTarget, NumberTarget, Target
from models.formats.onnx.graph import Graph


def add_outputs(graph: Graph, target: Target, value: str) -> None:
    """Decode the network's outputs as `models.data.targets` does."""
    if isinstance(target, NumberTarget):
        graph.output("predictions", _numbers(graph, target, graph.cast(value, "DOUBLE")), "DOUBLE", target.n_outputs)
    elif isinstance(target, LabelsTarget):
        p = graph.add("Sigmoid", value) if target.output == "linear" else value
        graph.output("probabilities", graph.cast(p, "DOUBLE"), "DOUBLE", target.n_outputs)
    elif isinstance(target, ClassTarget):
        _classes(graph, target, value)


def _numbers(graph: Graph, target: NumberTarget, value: str) -> str:
    if target.link == "exp":
        return graph.add("Exp", value)
    scaled = graph.add("Mul", value, graph.constant(target.scale, np.float64))
    return graph.add("Add", scaled, graph.constant(target.shift, np.float64))


def _classes(graph: Graph, target: ClassTarget, value: str) -> None:
    p = graph.cast(_probabilities(graph, target, value), "DOUBLE")
    graph.output("probabilities", p, "DOUBLE", len(target.classes))
    place = _place(graph, target, p)
    kind = _kind(target)
    classes = [str(value) for value in target.classes] if kind == "STRING" else np.array(target.classes)
    graph.output("label", graph.add("Gather", graph.constant(classes), place), kind, 1)


def _place(graph: Graph, target: ClassTarget, p: str) -> str:
    if target.threshold is None:
        return graph.add("ArgMax", p, axis=1, keepdims=1)
    second = graph.add("Gather", p, graph.constant([1], np.int64), axis=1)
    is_second = graph.add("GreaterOrEqual", second, graph.constant([target.threshold], np.float64))
    return graph.cast(is_second, "INT64")


def _kind(target: ClassTarget) -> str:
    kinds = set(map(type, target.classes))
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int}:
        return "INT64"
    return "DOUBLE" if kinds <= {int, float} else "STRING"


def _probabilities(graph: Graph, target: ClassTarget, value: str) -> str:
    if target.output == "softmax":
        return value
    if target.n_outputs == 1:
        p = graph.add("Sigmoid", value) if target.output == "linear" else value
        rest = graph.add("Sub", graph.constant([1.0], np.float32), p)
        return graph.add("Concat", rest, p, axis=1)
    return graph.add("Softmax", value, axis=-1) if target.output == "linear" else _shares(graph, value)


def _shares(graph: Graph, value: str) -> str:
    positive = graph.add("Max", value, graph.constant([np.finfo(np.float32).tiny], np.float32))
    total = graph.add("ReduceSum", positive, graph.constant([1], np.int64), keepdims=1)
    return graph.add("Div", positive, total)
