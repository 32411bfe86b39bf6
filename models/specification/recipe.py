"""Everything that a caller chooses about one training, except for the data and the names in the registry."""

import math
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from models.specification.json_codec import LEFT_OUT_WHEN_NONE, from_json, frozen, to_json
from models.specification.named_union import ByShape
from models.specification.network import NetworkSpecification
from models.specification.range_checks import STRICT, require_count
from models.specification.training import TrainingSpecification

TaskName = Literal["classification", "regression", "multilabel"]
ColumnType = Literal["number", "boolean", "category", "date"]
FillRule = Literal["mean", "median", "mode"]
ScalingName = Literal["standard", "minmax", "robust", "none"]
SplitMethod = Literal["stratified", "random", "time", "group"]
SearchMethod = Literal["random", "grid", "halving"]
DecimalSign = Literal[".", ","]
ThousandsSign = Literal[",", ".", " ", "'", "’"]
ThresholdMetric = Literal["f1", "balanced_accuracy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOverride:
    """What a column is and how its values are written, where the data alone would say otherwise.

    `format` is strptime's, for dates. `decimal`, `thousands` and `unit` are those of numbers, as in `1.234,50 €`.
    `missing_values` are the texts that stand for no value, beside the empty one; those of every table when left out.
    `missing` is what fills a missing number, its mean when left out. A type left out is the one that the values show.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    type: ColumnType | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    format: str | None = None
    missing: FillRule | None = None
    decimal: DecimalSign | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    thousands: ThousandsSign | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    unit: str | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    missing_values: tuple[str, ...] | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    def __post_init__(self) -> None:
        if self.missing is not None and self.type not in ("number", None):
            raise ValueError("missing sets how missing numbers are filled; leave it out for other columns")
        if self.has_number_form and self.type not in ("number", None):
            raise ValueError("decimal, thousands and unit are for numbers; leave them out for other columns")
        if self.thousands is not None and self.thousands == (self.decimal or "."):
            raise ValueError(f"decimal and thousands must differ; thousands is {self.thousands!r}, so set decimal")

    @property
    def has_number_form(self) -> bool:
        """Whether it says how numbers are written."""
        return self.decimal is not None or self.thousands is not None or self.unit is not None

    @property
    def has_text_form(self) -> bool:
        """Whether it says how texts are read: a form of numbers, or missing tokens."""
        return self.has_number_form or self.missing_values is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnScaling:
    """(x − shift) / scale."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    shift: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.shift):
            raise ValueError("shift must be a finite number")
        if not math.isfinite(self.scale) or self.scale == 0:
            raise ValueError("scale must be a finite number other than 0")


Scaling = Annotated[ScalingName | dict[str, ColumnScaling], ByShape()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationSpecification:
    """Which rows are held out of the training; `method` left out is chosen by the task."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    fraction: float = 0.2
    method: SplitMethod | None = None
    column: str | None = None
    folds: int | None = None
    dataset: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.fraction < 1:
            raise ValueError("fraction must be at least 0 and below 1")
        if self.folds is not None and self.folds < 2:
            raise ValueError("folds must be 2 or more")
        if self.method in ("time", "group") and self.column is None:
            raise ValueError(f"method {self.method!r} needs the column to split by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers from the first to the second; `log` draws their logarithms evenly."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    range: tuple[float, float]
    scale: Literal["linear", "log"] = "linear"

    def __post_init__(self) -> None:
        low, high = self.range
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError("range needs two finite numbers, the smaller first")
        if self.scale == "log" and low <= 0:
            raise ValueError("a log range must begin above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the values listed."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    choice: tuple[object, ...]

    def __post_init__(self) -> None:
        if not self.choice:
            raise ValueError("choice must list at least one value")
        object.__setattr__(self, "choice", frozen(self.choice))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpecification:
    """Which settings to try; the keys of `space` are paths in the request, as `training.optimizer.learning_rate`."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    space: dict[str, Annotated[Range | Choice, ByShape()]]
    method: SearchMethod = "random"
    trials: int = 32

    def __post_init__(self) -> None:
        require_count(trials=self.trials)
        if not self.space:
            raise ValueError("space must name at least one setting to try")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Label, features, network and training; together with the data and the seed it determines the trained bits.

    `threshold` is the probability from which on the second of two classes is predicted, or the metric by which it is
    chosen on the held-out rows; left out, the likelier class is predicted. `missing_values` are those of all columns
    that have none of their own, `header` whether a file's first row names the columns, where that is in doubt, and
    `reader` the version of the rules by which the data is read, 1 where it is left out.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    label: Annotated[str | tuple[str, ...], ByShape()]
    features: tuple[str, ...] | None = None
    task: TaskName | None = None
    network: NetworkSpecification = field(default_factory=NetworkSpecification)
    training: TrainingSpecification = field(default_factory=TrainingSpecification)
    validation: ValidationSpecification = field(default_factory=ValidationSpecification)
    scaling: Scaling = "standard"
    columns: dict[str, ColumnOverride] = field(default_factory=dict)
    search: SearchSpecification | None = None
    threshold: Annotated[float | ThresholdMetric, ByShape()] | None = None
    missing_values: tuple[str, ...] | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    header: bool | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    reader: int | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    def __post_init__(self) -> None:
        if not self.labels:
            raise ValueError("label must name at least one column")
        if isinstance(self.threshold, float) and not 0 < self.threshold < 1:
            raise ValueError("threshold must lie between 0 and 1")

    @property
    def labels(self) -> tuple[str, ...]:
        """The label columns as a tuple, also where there is only one."""
        return (self.label,) if isinstance(self.label, str) else self.label

    def to_json(self) -> dict[str, object]:
        """The recipe as plain dictionaries, lists, numbers and text; `Recipe.from_json` returns an equal recipe."""
        value = to_json(self)
        assert isinstance(value, dict)
        return value

    @classmethod
    def from_json(cls, value: object) -> "Recipe":
        """The recipe from JSON, where fields may be left out. Raises BadRecipe with the place of the error."""
        recipe = from_json(cls, value)
        assert isinstance(recipe, cls)
        return recipe
