"""Every activation, by the name that a specification and a stored network use."""

from models.network.activations.activation import Activation
from models.network.activations.piecewise import HardSigmoid, LeakyRelu, Linear, Relu
from models.network.activations.saturating import Exponential, Sigmoid, Softmax, Softsign, Tanh
from models.network.activations.smooth import Elu, Gelu, Mish, Selu, Silu, Softplus

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
