"""What a caller chooses about the training: how long, by which loss and steps, and when to stop."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from models.specification.losses import Loss
from models.specification.named_union import ByShape
from models.specification.optimizers import AdamW, Optimizer
from models.specification.range_checks import STRICT, require_count, require_not_negative, require_positive
from models.specification.schedules import Constant, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyStopping:
    """Stop when `metric` has not improved by more than `minimum_change` for `patience` epochs; keep the best."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    patience: int = 20
    minimum_change: float = 0.0
    metric: Literal["validation_loss", "loss"] = "validation_loss"

    def __post_init__(self) -> None:
        require_count(patience=self.patience)
        require_not_negative(minimum_change=self.minimum_change)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientClip:
    """`norm` shortens the whole gradient to that length; `value` cuts each of its elements."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    norm: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        if (self.norm is None) == (self.value is None):
            raise ValueError("gradient_clip takes either norm or value")
        require_positive(norm=self.norm, value=self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmStart:
    """The version from whose parameters the training continues."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    model: str
    version: Annotated[int | str, ByShape()]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSpecification:
    """Values left out are chosen from the data and the task before the training begins.

    The optimizer left out is AdamW with a decay that lets the defaults train well on few rows and on many
    (benchmarks/defaults.py); `"adam"` alone is the paper's. `averaged_weights` is the decay of an exponential moving
    average of the parameters, which is then what is kept.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    epochs: int | None = None
    loss: Loss | None = None
    optimizer: Optimizer = field(default_factory=lambda: AdamW(learning_rate=0.003, weight_decay=0.4))
    schedule: Schedule = field(default_factory=Constant)
    batch_size: int | None = None
    shuffle: bool = True
    gradient_clip: GradientClip | None = None
    class_weight: Annotated[Literal["balanced"] | dict[str, float], ByShape()] | None = None
    sample_weight: str | None = None
    early_stopping: Annotated[EarlyStopping | Literal[False], ByShape()] | None = None
    averaged_weights: float | None = None
    checkpoint_every: int | None = None
    seed: int | None = None
    threads: int | None = None
    time_limit_seconds: float | None = None
    warm_start: WarmStart | None = None

    def __post_init__(self) -> None:
        require_count(
            epochs=self.epochs,
            batch_size=self.batch_size,
            checkpoint_every=self.checkpoint_every,
            threads=self.threads,
        )
        require_not_negative(seed=self.seed)
        require_positive(time_limit_seconds=self.time_limit_seconds)
        if self.averaged_weights is not None and not 0 < self.averaged_weights < 1:
            raise ValueError("averaged_weights is a decay above 0 and below 1; try 0.99")
        if isinstance(self.class_weight, dict):
            for weight in self.class_weight.values():
                require_not_negative(class_weight=weight)
