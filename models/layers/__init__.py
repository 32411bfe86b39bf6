"""The layers, one a file. A layer knows no optimizer and no loss, and its forward pass leaves no trace.

Start with `dense.py`, the one that holds the weights; `layer.py` says what all of them give.
"""

from models.layers.activation import ActivationLayer
from models.layers.batch_norm import BatchNorm
from models.layers.dense import Dense
from models.layers.dropout import Dropout
from models.layers.layer import Layer, LayerWorkspace, Signal, Tensors, WorkspaceSetting
from models.layers.layer_norm import LayerNorm

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
