"""Import a network from PyTorch: an `nn.Sequential` of Linear layers, activations, BatchNorm1d and Dropout.

    python examples/from_pytorch.py http://127.0.0.1:8000

creates a network, imports it as `from-pytorch`, and compares the predictions of both. For a network of your own:

    from from_pytorch import layers_of, network_of, state_of
    target = one_class("species", ["setosa", "versicolor", "virginica"], "softmax")
    send(network_of(layers_of(network), state_of(network), ["a", "b"], target), "flowers")

If the rows were standardised before they went into the network, pass `shift` and `scale`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from network_file import Array, Json, network_file, number_features, one_class, predict, send

Layer = tuple[str, Mapping[str, Any]]  # the name of its class, and its options
WITHOUT_EFFECT = {"Dropout", "Identity", "Flatten"}  # they do not change a row when a network predicts
# Our name of each class, and the options with which both are the same function.
ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "ReLU": ("relu", {}),
    "Tanh": ("tanh", {}),
    "Sigmoid": ("sigmoid", {}),
    "SiLU": ("silu", {}),
    "Mish": ("mish", {}),
    "SELU": ("selu", {}),
    "Softsign": ("softsign", {}),
    "Hardsigmoid": ("hard_sigmoid", {}),
    "LeakyReLU": ("leaky_relu", {"negative_slope": 0.01}),
    "ELU": ("elu", {"alpha": 1.0}),
    "Softplus": ("softplus", {"beta": 1.0}),
    "GELU": ("gelu", {"approximate": "tanh"}),
    "Softmax": ("softmax", {}),
}
OUTPUTS = {"classification": {"sigmoid", "softmax"}, "multilabel": {"sigmoid"}, "regression": {"linear", "sigmoid"}}


def network_of(
    layers: Sequence[Layer],
    state: Mapping[str, Array],
    features: Sequence[str],
    target: tuple[Json, list[Json]],
    shift: Sequence[float] | Array | None = None,
    scale: Sequence[float] | Array | None = None,
) -> Json:
    """The network file. `state` is the state dict as NumPy arrays; `target` comes from a function of `network_file.py`.

    A network of classes that ends with a Linear layer returns logits, for CrossEntropyLoss or BCEWithLogitsLoss: the
    target's `output` follows it. Raises ValueError for a layer that is not the same function here.
    """
    linear, activations = _convert(layers, state)
    output = _output(target[0], activations.pop())
    shift = np.zeros(len(features)) if shift is None else shift
    scale = np.ones(len(features)) if scale is None else scale
    return network_file(linear, activations, output, number_features(features, shift, scale), target)


def _convert(layers: Sequence[Layer], state: Mapping[str, Array]) -> tuple[list[tuple[Array, Array]], list[str]]:
    """Weight and bias of each Linear layer with the batch norm behind it, and the activation that follows."""
    linear: list[tuple[Array, Array]] = []
    activations: list[str] = []
    for position, (kind, options) in enumerate(layers):
        own = {name.split(".", 1)[1]: value for name, value in state.items() if name.split(".", 1)[0] == str(position)}
        if kind == "Linear":
            weight = own["weight"].T
            linear.append((weight, own.get("bias", np.zeros(weight.shape[1], weight.dtype))))
            activations.append("linear")
        elif kind not in WITHOUT_EFFECT and (not linear or activations[-1] != "linear"):
            raise ValueError(f"layer {position}, {kind}, does not follow a Linear layer")
        elif kind == "BatchNorm1d":
            linear[-1] = _with_norm(*linear[-1], own, options["eps"])
        elif kind not in WITHOUT_EFFECT:
            activations[-1] = _activation(kind, options)
    return linear, activations


def _with_norm(weight: Array, bias: Array, norm: Mapping[str, Array], epsilon: float) -> tuple[Array, Array]:
    """γ (x W + b − μ) / √(σ² + ε) + β as one layer: W and b − μ times γ / √(σ² + ε), plus β."""
    norm = {name: value.astype(np.float64) for name, value in norm.items()}
    factor = norm.get("weight", 1.0) / np.sqrt(norm["running_var"] + epsilon)
    new_bias = (bias - norm["running_mean"]) * factor + norm.get("bias", 0.0)
    return (weight * factor).astype(weight.dtype), new_bias.astype(weight.dtype)


def _activation(kind: str, options: Mapping[str, Any]) -> str:
    if kind not in ACTIVATIONS:
        raise ValueError(f"{kind} is not supported; use one of {', '.join(ACTIVATIONS)}")
    name, required = ACTIVATIONS[kind]
    if any(options.get(option) != value for option, value in required.items()):
        raise ValueError(f"{kind} is supported only with {required}")
    return name


def _output(target: Json, last: str) -> str:
    """The network's last activation; logits become probabilities by the function in their loss."""
    if target["task"] != "regression" and last == "linear":
        last = str(target["output"])
    if last not in OUTPUTS[target["task"]] or last != target.get("output", last):
        raise ValueError(f"the network ends with {last}, which is not the output of a {target['task']}")
    return last


def layers_of(network: Any) -> list[Layer]:
    """The layers of an `nn.Sequential` by the names of their classes, with the options of each."""
    return [(type(layer).__name__, vars(layer)) for layer in network]


def state_of(network: Any) -> dict[str, Array]:
    return {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}


def main(server: str) -> None:
    import torch  # noqa: PLC0415  # the conversion itself needs no PyTorch
    from torch import nn  # noqa: PLC0415

    torch.manual_seed(7)
    network = nn.Sequential(
        nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 3)
    )
    rows = torch.randn(200, 4) * 2 + 1
    network(rows)  # in training mode, so that the batch norm has running statistics
    network.eval()
    features = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    target = one_class("species", ["setosa", "versicolor", "virginica"], "softmax")
    version = send(network_of(layers_of(network), state_of(network), features, target), "from-pytorch", server)
    predictions = predict(rows.double().numpy(), "from-pytorch", server)
    ours = np.array([list(prediction["probabilities"].values()) for prediction in predictions])
    theirs = torch.softmax(network(rows), dim=1).detach().numpy()
    print(f"{server}{version['links']['self']}: differs from PyTorch by at most {np.abs(ours - theirs).max():.1e}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
