"""Bring a network from PyTorch: an `nn.Sequential` of Linear layers, activations, BatchNorm1d and Dropout.

    python examples/from_pytorch.py http://127.0.0.1:8000

makes one, imports it as `from-pytorch`, and compares what both predict. For one of your own:

    from from_pytorch import layers_of, network_of, state_of
    target = one_class("species", ["setosa", "versicolor", "virginica"], "softmax")
    send(network_of(layers_of(network), state_of(network), ["a", "b"], target), "flowers")

Where the rows were standardised before they went into the network, pass `shift` and `scale`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from network_file import Array, Json, network_file, number_features, one_class, predict, send

Layer = tuple[str, Mapping[str, Any]]  # the name of its class, and what was chosen
LEFT_OUT = {"Dropout", "Identity", "Flatten"}  # they change nothing of a row when a network predicts
# By their class: our name, and the choices that make both the same function.
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
    """The network file. `state` is the state dict as NumPy arrays; `target` is made by `network_file.py`.

    A network of classes that ends with a Linear layer gives logits, as CrossEntropyLoss and BCEWithLogitsLoss take
    them: the target's `output` follows. Raises ValueError for what is not the same function here.
    """
    linear, activations = _read(layers, state)
    output = _output(target[0], activations.pop())
    shift = np.zeros(len(features)) if shift is None else shift
    scale = np.ones(len(features)) if scale is None else scale
    return network_file(linear, activations, output, number_features(features, shift, scale), target)


def _read(layers: Sequence[Layer], state: Mapping[str, Array]) -> tuple[list[tuple[Array, Array]], list[str]]:
    """Weight and bias of each Linear layer with the batch norm behind it, and the activation that follows."""
    linear: list[tuple[Array, Array]] = []
    activations: list[str] = []
    for position, (kind, chosen) in enumerate(layers):
        own = {name.split(".", 1)[1]: value for name, value in state.items() if name.split(".", 1)[0] == str(position)}
        if kind == "Linear":
            weight = own["weight"].T
            linear.append((weight, own.get("bias", np.zeros(weight.shape[1], weight.dtype))))
            activations.append("linear")
        elif kind not in LEFT_OUT and (not linear or activations[-1] != "linear"):
            raise ValueError(f"layer {position}, {kind}, does not follow a Linear layer")
        elif kind == "BatchNorm1d":
            linear[-1] = _with_norm(*linear[-1], own, chosen["eps"])
        elif kind not in LEFT_OUT:
            activations[-1] = _activation(kind, chosen)
    return linear, activations


def _with_norm(weight: Array, bias: Array, norm: Mapping[str, Array], epsilon: float) -> tuple[Array, Array]:
    """γ (x W + b − μ) / √(σ² + ε) + β as one layer: W and b − μ times γ / √(σ² + ε), plus β."""
    wide = {name: value.astype(np.float64) for name, value in norm.items()}
    factor = wide.get("weight", 1.0) / np.sqrt(wide["running_var"] + epsilon)
    moved = (bias - wide["running_mean"]) * factor + wide.get("bias", 0.0)
    return (weight * factor).astype(weight.dtype), moved.astype(weight.dtype)


def _activation(kind: str, chosen: Mapping[str, Any]) -> str:
    name, needed = ACTIVATIONS.get(kind, (None, {}))
    different = {choice for choice, value in needed.items() if chosen.get(choice) != value}
    if name is None or different:
        wanted = f" but with {needed}" if different else ""
        raise ValueError(f"{kind} is no activation that is the same function here{wanted}")
    return name


def _output(target: Json, last: str) -> str:
    """The network's last activation; logits become probabilities as the loss that they were trained with does."""
    if target["task"] != "regression" and last == "linear":
        last = str(target["output"])
    if last not in OUTPUTS[target["task"]] or last != target.get("output", last):
        raise ValueError(f"the network ends with {last}, which is not the output of a {target['task']}")
    return last


def layers_of(network: Any) -> list[Layer]:
    """The layers of an `nn.Sequential` by their names, with what was chosen of each."""
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
    network(rows)  # in training, so that the batch norm measures something
    network.eval()
    features = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    target = one_class("species", ["setosa", "versicolor", "virginica"], "softmax")
    version = send(network_of(layers_of(network), state_of(network), features, target), "from-pytorch", server)
    answered = predict(rows.double().numpy(), "from-pytorch", server)
    ours = np.array([list(one["probabilities"].values()) for one in answered])
    theirs = torch.softmax(network(rows), dim=1).detach().numpy()
    print(f"{server}{version['links']['self']}: differs from PyTorch by at most {np.abs(ours - theirs).max():.1e}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
