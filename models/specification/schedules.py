"""What a caller chooses about the learning rate over the epochs; the formulas are in `models.training.schedules`.

Each may begin with `warm_up_epochs`, in which the rate rises in a straight line to the optimizer's `learning_rate`.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from models.specification.named_union import ByName
from models.specification.range_checks import (
    STRICT,
    require_count,
    require_inside,
    require_not_negative,
    require_positive,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """The same rate in every epoch."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["constant"] = "constant"
    warm_up_epochs: int = 0

    def __post_init__(self) -> None:
        require_not_negative(warm_up_epochs=self.warm_up_epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Multiplied by `factor` every `every_epochs`."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["step"] = "step"
    every_epochs: int = 30
    factor: float = 0.1
    warm_up_epochs: int = 0

    def __post_init__(self) -> None:
        require_count(every_epochs=self.every_epochs)
        require_positive(factor=self.factor)
        require_not_negative(warm_up_epochs=self.warm_up_epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential:
    """Multiplied by `factor` in every epoch."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["exponential"] = "exponential"
    factor: float = 0.95
    warm_up_epochs: int = 0

    def __post_init__(self) -> None:
        require_positive(factor=self.factor)
        require_not_negative(warm_up_epochs=self.warm_up_epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosine:
    """Falls along half a cosine to `minimum`; with `period_epochs` it starts anew, each period longer by `growth`."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["cosine"] = "cosine"
    minimum: float = 0.0
    period_epochs: int | None = None
    growth: int = 1
    warm_up_epochs: int = 0

    def __post_init__(self) -> None:
        require_not_negative(minimum=self.minimum, warm_up_epochs=self.warm_up_epochs)
        require_count(period_epochs=self.period_epochs, growth=self.growth)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCycle:
    """Rises to the optimizer's rate in the share `rise` of all steps, then falls far below its start."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["one_cycle"] = "one_cycle"
    rise: float = 0.3
    start_divisor: float = 25.0
    end_divisor: float = 10_000.0
    warm_up_epochs: int = 0

    def __post_init__(self) -> None:
        require_inside(rise=self.rise)
        require_positive(start_divisor=self.start_divisor, end_divisor=self.end_divisor)
        require_not_negative(warm_up_epochs=self.warm_up_epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polynomial:
    """Falls to 0 at the last epoch as a power of what is left."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["polynomial"] = "polynomial"
    power: float = 1.0
    warm_up_epochs: int = 0

    def __post_init__(self) -> None:
        require_positive(power=self.power)
        require_not_negative(warm_up_epochs=self.warm_up_epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceOnPlateau:
    """Multiplied by `factor` when the validation loss (else the loss) has not improved for `patience` epochs."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    minimum: float = 0.0
    warm_up_epochs: int = 0

    def __post_init__(self) -> None:
        require_inside(factor=self.factor)
        require_not_negative(
            patience=self.patience,
            threshold=self.threshold,
            minimum=self.minimum,
            warm_up_epochs=self.warm_up_epochs,
        )


Schedule = Annotated[Constant | Step | Exponential | Cosine | OneCycle | Polynomial | ReduceOnPlateau, ByName()]
