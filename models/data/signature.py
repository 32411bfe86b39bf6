"""The inputs and outputs of a trained network, as callers see them and schemas are made from them."""

from dataclasses import dataclass, field

from models.specification import ColumnOverride, ColumnType
from models.specification.json_codec import LEFT_OUT_WHEN_NONE, from_json, to_json
from models.specification.recipe import DecimalSign, ThousandsSign

ClassValue = str | bool | int | float


@dataclass(frozen=True, slots=True)
class FeatureSignature:
    """One input. `minimum` and `maximum` are those of a number in the training rows, `categories` those of a text.

    `format` is the strptime format in which dates are written; None is ISO 8601. `decimal`, `thousands` and `unit` are
    how numbers are written in texts, `missing_values` the texts of missing values beside the empty one.
    """

    name: str
    type: ColumnType
    nullable: bool
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    format: str | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    decimal: DecimalSign | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    thousands: ThousandsSign | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    unit: str | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    missing_values: tuple[str, ...] | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    @property
    def reading(self) -> ColumnOverride:
        """How the values of this input are read."""
        return ColumnOverride(
            type=self.type,
            format=self.format,
            decimal=self.decimal,
            thousands=self.thousands,
            unit=self.unit,
            missing_values=self.missing_values,
        )


@dataclass(frozen=True, slots=True)
class OutputSignature:
    """One output: a number, one of `classes` (in the order of the probabilities), or yes or no.

    Of two classes, the second is predicted where its probability is at least `threshold`; None predicts the likelier.
    """

    name: str
    type: ColumnType
    classes: tuple[ClassValue, ...] | None = None
    threshold: float | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)


@dataclass(frozen=True, slots=True)
class Signature:
    """The inputs in their order, and the outputs in theirs.

    `ignored` are the other columns of the training table, labels among them: a caller may send them, and they do
    nothing. None where they are not known.
    """

    features: tuple[FeatureSignature, ...]
    outputs: tuple[OutputSignature, ...]
    ignored: tuple[str, ...] | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the inputs in their order."""
        return tuple(feature.name for feature in self.features)

    @property
    def all_numbers(self) -> bool:
        """Whether a row is a plain vector of numbers (NaN for a missing one)."""
        return all(feature.type == "number" for feature in self.features)

    def to_json(self) -> object:
        """The signature as plain JSON values; `from_json` returns an equal signature."""
        return to_json(self)

    @classmethod
    def from_json(cls, value: object) -> "Signature":
        """The signature that `to_json` wrote; raises BadRecipe with the place of a fault."""
        signature = from_json(cls, value, ["signature"])
        assert isinstance(signature, cls)
        return signature
