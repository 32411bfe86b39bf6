"""What a caller chooses about the optimizer; the formulas are in `models.training.optimizers`."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from models.specification.named_union import ByName
from models.specification.range_checks import (
    STRICT,
    require_count,
    require_not_negative,
    require_positive,
    require_share,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sgd:
    """Stochastic gradient descent, with classical or Nesterov momentum."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["sgd"] = "sgd"
    learning_rate: float = 0.01
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        require_positive(learning_rate=self.learning_rate)
        require_share(momentum=self.momentum)
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs a momentum above 0; try momentum 0.9")


@dataclass(frozen=True, slots=True, kw_only=True)
class RmsProp:
    """Divides by a running root mean square of the gradients."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["rmsprop"] = "rmsprop"
    learning_rate: float = 0.001
    decay: float = 0.99
    momentum: float = 0.0
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        require_positive(learning_rate=self.learning_rate, epsilon=self.epsilon)
        require_share(decay=self.decay, momentum=self.momentum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adagrad:
    """Divides by the root of the sum of all squared gradients so far."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["adagrad"] = "adagrad"
    learning_rate: float = 0.01
    epsilon: float = 1e-10

    def __post_init__(self) -> None:
        require_positive(learning_rate=self.learning_rate, epsilon=self.epsilon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adam:
    """First and second moments of the gradient, corrected for their start at zero."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["adam"] = "adam"
    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        require_positive(learning_rate=self.learning_rate, epsilon=self.epsilon)
        require_share(beta1=self.beta1, beta2=self.beta2)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdamW:
    """Adam with weight decay taken out of the gradient."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["adamw"] = "adamw"
    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        require_positive(learning_rate=self.learning_rate, epsilon=self.epsilon)
        require_share(beta1=self.beta1, beta2=self.beta2)
        require_not_negative(weight_decay=self.weight_decay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nadam:
    """Adam with Nesterov momentum."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["nadam"] = "nadam"
    learning_rate: float = 0.002
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    momentum_decay: float = 0.004

    def __post_init__(self) -> None:
        require_positive(learning_rate=self.learning_rate, epsilon=self.epsilon)
        require_share(beta1=self.beta1, beta2=self.beta2)
        require_not_negative(momentum_decay=self.momentum_decay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lion:
    """Steps by the sign of an interpolated momentum."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["lion"] = "lion"
    learning_rate: float = 0.0001
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_positive(learning_rate=self.learning_rate)
        require_share(beta1=self.beta1, beta2=self.beta2)
        require_not_negative(weight_decay=self.weight_decay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lbfgs:
    """Quasi-Newton steps on all rows at once; an epoch is one step with its line search.

    `line_search_steps` bounds how often a line search looks at the loss; 0 takes a fixed step of `learning_rate`.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["lbfgs"] = "lbfgs"
    learning_rate: float = 1.0
    history: int = 10
    line_search_steps: int = 25

    def __post_init__(self) -> None:
        require_positive(learning_rate=self.learning_rate)
        require_count(history=self.history)
        require_not_negative(line_search_steps=self.line_search_steps)


Optimizer = Annotated[Sgd | RmsProp | Adagrad | Adam | AdamW | Nadam | Lion | Lbfgs, ByName()]
