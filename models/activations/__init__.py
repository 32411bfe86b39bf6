"""The activations by name. One object serves every network, for none of them keeps anything.

Start with `piecewise.py` (relu), then `saturating.py` (sigmoid, the tutorial's), then `smooth.py`.
"""

from models.activations.activation import Activation
from models.activations.piecewise import HardSigmoid, LeakyRelu, Linear, Relu
from models.activations.saturating import Exponential, Sigmoid, Softmax, Softsign, Tanh
from models.activations.smooth import Elu, Gelu, Mish, Selu, Silu, Softplus

ACTIVATIONS: dict[str, Activation] = {
    "linear": Linear(),
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "relu": Relu(),
    "leaky_relu": LeakyRelu(),
    "elu": Elu(),
    "selu": Selu(),
    "gelu": Gelu(),
    "silu": Silu(),
    "mish": Mish(),
    "softplus": Softplus(),
    "softsign": Softsign(),
    "hard_sigmoid": HardSigmoid(),
    "softmax": Softmax(),
    "exponential": Exponential(),
}

__all__ = ["ACTIVATIONS", "Activation"]
