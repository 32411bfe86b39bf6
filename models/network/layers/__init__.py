"""The layers, one a file. A layer knows no optimizer and no loss, and its forward pass does not change it.

Start with `dense.py`, the one that holds the weights; `layer.py` is the protocol that each follows.
"""

from models.network.layers.activation import ActivationLayer
from models.network.layers.batch_norm import BatchNorm
from models.network.layers.dense import Dense
from models.network.layers.dropout import Dropout
from models.network.layers.layer import Layer, LayerWorkspace, Signal, Tensors, WorkspaceSetting
from models.network.layers.layer_norm import LayerNorm

__all__ = [
    "ActivationLayer",
    "BatchNorm",
    "Dense",
    "Dropout",
    "Layer",
    "LayerNorm",
    "LayerWorkspace",
    "Signal",
    "Tensors",
    "WorkspaceSetting",
]
