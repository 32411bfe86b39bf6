"""What a caller chooses about the network itself: its layers, activations and initial weights."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from models.specification.named_union import ByShape
from models.specification.range_checks import (
    STRICT,
    require_count,
    require_not_negative,
    require_positive,
    require_share,
)

ActivationName = Literal[
    "linear",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "softplus",
    "softsign",
    "hard_sigmoid",
    "softmax",
]
OutputName = Literal["sigmoid", "softmax", "linear", "exponential"]
InitName = Literal[
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "uniform",
    "normal",
    "zeros",
]
DtypeName = Literal["float32", "float64"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpecification:
    """Hidden layers from the first to the last, and what belongs to each.

    `activation` and `dropout` are one value for all hidden layers, or one for each. `output` left out is chosen by
    the task (`exponential` belongs to the loss `poisson`); `init` left out is chosen by the activation (He for the
    relu family, LeCun for selu, Glorot else).
    `l1` and `l2` weigh Σ|w| and ½ Σw² of all weights in the loss (biases are free); `max_norm` bounds the length of
    each neuron's incoming weights.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT

    hidden: tuple[int, ...] = (128,)
    activation: Annotated[ActivationName | tuple[ActivationName, ...], ByShape()] = "relu"
    output: OutputName | None = None
    init: InitName | None = None
    dropout: Annotated[float | tuple[float, ...], ByShape()] = 0.0
    batch_norm: bool = False
    layer_norm: bool = False
    l1: float = 0.0
    l2: float = 0.0
    max_norm: float | None = None
    dtype: DtypeName = "float32"

    def __post_init__(self) -> None:
        for width in self.hidden:
            require_count(hidden=width)
        self._require_one_each("activation", self.activation)
        self._require_one_each("dropout", self.dropout)
        for rate in self.dropouts:
            require_share(dropout=rate)
        require_not_negative(l1=self.l1, l2=self.l2)
        require_positive(max_norm=self.max_norm)
        if self.batch_norm and self.layer_norm:
            raise ValueError("batch_norm and layer_norm exclude each other; choose one")

    def _require_one_each(self, name: str, values: object) -> None:
        if isinstance(values, tuple) and len(values) != len(self.hidden):
            raise ValueError(f"{name} lists {len(values)} layers and hidden {len(self.hidden)}; give one for each")

    @property
    def activations(self) -> tuple[ActivationName, ...]:
        """The activation of each hidden layer."""
        if isinstance(self.activation, tuple):
            return self.activation
        return (self.activation,) * len(self.hidden)

    @property
    def dropouts(self) -> tuple[float, ...]:
        """The rate of dropout after each hidden layer."""
        if isinstance(self.dropout, tuple):
            return self.dropout
        return (self.dropout,) * len(self.hidden)
