"""Trained networks with parameters chosen by hand, so that their predictions can be calculated on paper."""

from collections.abc import Sequence

import numpy as np

from models.data.features import Preprocessing
from models.data.features.booleans import BooleanEncoder
from models.data.features.categories import CategoryEncoder
from models.data.features.dates import DateEncoder
from models.data.features.numbers import NumberEncoder
from models.data.targets import ClassTarget, LabelsTarget, NumberTarget
from models.inference.trained_network import TrainedNetwork
from models.network.network import Network
from models.specification import NetworkSpecification


def number(name: str, *, nullable: bool = False, fill: float = 0.0, low: float = -100.0, high: float = 100.0):
    """A number without scaling."""
    return NumberEncoder(name, 0.0, 1.0, fill, nullable, low, high)


def network(output: str, weight: Sequence[Sequence[float]], bias: Sequence[float]) -> Network:
    """A network without a hidden layer: output(x W + b)."""
    result = Network(NetworkSpecification(hidden=(), output=output, dtype="float64"), len(weight), len(bias))
    result.tensors["output.weight"][...] = weight
    result.tensors["output.bias"][...] = bias
    return result


def trained_network(plain: Network, encoders: Sequence[object], target: object) -> TrainedNetwork:
    return TrainedNetwork(plain, Preprocessing(tuple(encoders)), target, np.zeros(plain.n_inputs))


def line(slope: float = 2.0, offset: float = 1.0) -> TrainedNetwork:
    """y = slope · x + offset."""
    target = NumberTarget(("y",), (0.0,), (1.0,))
    return trained_network(network("linear", [[slope]], [offset]), [number("x")], target)


def line_with_date() -> TrainedNetwork:
    """y = 2 x + 1 on every day."""
    target = NumberTarget(("y",), (0.0,), (1.0,))
    encoders = [number("x"), DateEncoder("day", 19_000.0, 1.0, (), False)]
    return trained_network(network("linear", [[2.0], [0.0]], [1.0]), encoders, target)


def plane() -> TrainedNetwork:
    """y = 2 a + 3 b + 1."""
    target = NumberTarget(("y",), (0.0,), (1.0,))
    return trained_network(network("linear", [[2.0], [3.0]], [1.0]), [number("a"), number("b")], target)


def plane_with_gap() -> TrainedNetwork:
    """y = 2 a + 3 b + 100 · (b is missing), where a missing b is read as 7: 2 a + 121."""
    target = NumberTarget(("y",), (0.0,), (1.0,))
    encoders = [number("a"), number("b", nullable=True, fill=7.0)]
    return trained_network(network("linear", [[2.0], [3.0], [100.0]], [0.0]), encoders, target)


def two_outputs() -> TrainedNetwork:
    """sum = a + b, difference = a − b."""
    target = NumberTarget(("sum", "difference"), (0.0, 0.0), (1.0, 1.0))
    return trained_network(network("linear", [[1.0, 1.0], [1.0, -1.0]], [0.0, 0.0]), [number("a"), number("b")], target)


def thirds() -> TrainedNetwork:
    """Softmax of (a, b, 0): for a = ln 2, b = 0 that is 1/2, 1/4, 1/4."""
    target = ClassTarget("kind", ("first", "second", "third"), "softmax")
    weight = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    return trained_network(network("softmax", weight, [0.0, 0.0, 0.0]), [number("a"), number("b")], target)


def thirds_reversed() -> TrainedNetwork:
    """The predictions of `thirds`, with the classes and their probabilities listed the other way round."""
    target = ClassTarget("kind", ("third", "second", "first"), "softmax")
    weight = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    return trained_network(network("softmax", weight, [0.0, 0.0, 0.0]), [number("a"), number("b")], target)


def up_or_down() -> TrainedNetwork:
    """P(down) = sigmoid(x), P(up) = 1 − P(down)."""
    target = ClassTarget("direction", ("up", "down"), "sigmoid")
    return trained_network(network("sigmoid", [[1.0]], [0.0]), [number("x")], target)


def yes_or_no(threshold: float | None = None) -> TrainedNetwork:
    """P(true) = sigmoid(x): 1/2 at 0, 3/4 at ln 3. The answer is true from `threshold` on."""
    target = ClassTarget("answer", (False, True), "sigmoid", threshold=threshold)
    return trained_network(network("sigmoid", [[1.0]], [0.0]), [number("x")], target)


def two_labels(slope: float = 1.0) -> TrainedNetwork:
    """P(up) = sigmoid(slope · x), P(down) = sigmoid(−slope · x)."""
    target = LabelsTarget(("up", "down"), "sigmoid")
    return trained_network(network("sigmoid", [[slope, -slope]], [0.0, 0.0]), [number("x")], target)


def prices() -> TrainedNetwork:
    """y = size + 10 · (colour is red) + 20 · (colour is blue) + 100 · new; text, boolean and number."""
    encoders = [
        number("size", low=0.0, high=50.0),
        CategoryEncoder("colour", ("blue", "red"), False),
        BooleanEncoder("new", 0.0, False),
    ]
    target = NumberTarget(("price",), (0.0,), (1.0,))
    return trained_network(network("linear", [[1.0], [20.0], [10.0], [100.0]], [0.0]), encoders, target)


def wide(n_features: int, n_outputs: int = 1) -> TrainedNetwork:
    """The sum of many features, so that a version has many bytes."""
    target = NumberTarget(tuple(f"y{k}" for k in range(n_outputs)), (0.0,) * n_outputs, (1.0,) * n_outputs)
    encoders = [number(f"x{k}") for k in range(n_features)]
    return trained_network(network("linear", [[1.0] * n_outputs] * n_features, [0.0] * n_outputs), encoders, target)
