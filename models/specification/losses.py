"""What a caller chooses about the loss; the formulas are in `models.training.losses`."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from models.specification.named_union import ByName
from models.specification.range_checks import STRICT, require_inside, require_positive, require_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Mse:
    """The mean of squared errors."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["mse"] = "mse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mae:
    """The mean of absolute errors."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["mae"] = "mae"


@dataclass(frozen=True, slots=True, kw_only=True)
class Huber:
    """Squared below `delta`, absolute above it."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["huber"] = "huber"
    delta: float = 1.0

    def __post_init__(self) -> None:
        require_positive(delta=self.delta)


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryCrossEntropy:
    """Cross-entropy of one or several yes-or-no labels."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        require_share(label_smoothing=self.label_smoothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEntropy:
    """Cross-entropy of one class among several."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        require_share(label_smoothing=self.label_smoothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinge:
    """The distance to the right side of a margin; labels 0 and 1 are read as −1 and +1."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["hinge"] = "hinge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisson:
    """For counts, with the output `exponential`; the logits are the logarithm of the expected count."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["poisson"] = "poisson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """The pinball loss, whose minimum is at the quantile."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Literal["quantile"] = "quantile"
    quantile: float = 0.5

    def __post_init__(self) -> None:
        require_inside(quantile=self.quantile)


Loss = Annotated[Mse | Mae | Huber | BinaryCrossEntropy | CrossEntropy | Hinge | Poisson | Quantile, ByName()]
