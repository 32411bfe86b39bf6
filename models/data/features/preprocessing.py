"""One encoder for each feature, in the order of the signature."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models.arrays import Array
from models.data.columns import Column, Table
from models.data.features.booleans import BooleanEncoder
from models.data.features.categories import CategoryEncoder
from models.data.features.dates import DateEncoder
from models.data.features.numbers import NumberEncoder
from models.data.reading.text_form import TextForm
from models.data.signature import FeatureSignature
from models.errors import BadRecipe, UnknownColumn, shorten
from models.specification import ColumnOverride, Scaling
from models.specification.json_codec import from_json, to_json

Encoder = NumberEncoder | BooleanEncoder | CategoryEncoder | DateEncoder
FEWEST_TRANSPOSED_ROWS, MOST_TRANSPOSED_FEATURES = 128, 8

_ENCODERS: dict[str, type[Encoder]] = {
    "number": NumberEncoder,
    "boolean": BooleanEncoder,
    "category": CategoryEncoder,
    "date": DateEncoder,
}


@dataclass(frozen=True)
class Preprocessing:
    """All that is done to a row before the first layer; immutable, so one serves many threads."""

    encoders: tuple[Encoder, ...]

    @classmethod
    def fit(
        cls,
        table: Table,
        features: Sequence[str],
        scaling: Scaling,
        columns: Mapping[str, ColumnOverride] | None = None,
    ) -> "Preprocessing":
        """The preprocessing fitted to the rows of `table`, which must be training rows only.

        `columns` sets what fills a missing number (else the mean does), and how dates are written.
        """
        overrides = columns or {}
        return cls(tuple(_learn(table[name], scaling, overrides.get(name)) for name in features))

    def with_date_formats(self, formats: Mapping[str, str | None]) -> "Preprocessing":
        """A copy with other date formats; columns that are not named keep theirs."""
        return Preprocessing(tuple(_with_format(encoder, formats) for encoder in self.encoders))

    def with_readings(self, readings: Mapping[str, ColumnOverride | None], nullable: Container[str]) -> "Preprocessing":
        """A copy that knows how each feature is written, and that the `nullable` ones may be missing too."""
        return Preprocessing(
            tuple(
                _with_reading(encoder, readings.get(encoder.name), encoder.name in nullable)
                for encoder in self.encoders
            )
        )

    @cached_property
    def n_inputs(self) -> int:
        """The width of the matrix."""
        return sum(encoder.width for encoder in self.encoders)

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """The number of columns that each feature has in the matrix."""
        return tuple(encoder.width for encoder in self.encoders)

    def transform(self, table: Table) -> Array:
        """float64 of shape (n_rows, n_inputs)."""
        columns = [_values(table, encoder) for encoder in self.encoders]
        matrix, start = np.zeros((columns[0].size, self.n_inputs)), 0
        for encoder, values, width in zip(self.encoders, columns, self.widths, strict=True):
            encoder.write(values, matrix[:, start : start + width])
            start += width
        return matrix

    def numbers_transform(self) -> Callable[[Array], Array]:
        """A faster `transform` for features that are all numbers: of float64 (n_rows, n_features), NaN for missing.

        Where no number may be missing, it is one subtraction and one division of the whole matrix.
        """
        encoders = self.encoders
        numbers = [encoder for encoder in encoders if isinstance(encoder, NumberEncoder) and not encoder.nullable]
        if len(numbers) < len(encoders):
            return lambda raw: np.concatenate([encoders[k].encode(raw[:, k]) for k in range(len(encoders))], axis=1)
        return _scaling(np.array([number.shift for number in numbers]), np.array([number.scale for number in numbers]))

    def signatures(self) -> tuple[FeatureSignature, ...]:
        """The description of each feature that callers see."""
        return tuple(_signature(encoder) for encoder in self.encoders)

    def to_json(self) -> list[object]:
        """The preprocessing as plain JSON values, from which numbers read back as the same bits."""
        return [to_json(encoder) for encoder in self.encoders]

    @classmethod
    def from_json(cls, value: object) -> "Preprocessing":
        """The preprocessing that `to_json` wrote."""
        if not isinstance(value, list) or not value:
            raise BadRecipe("must be a list of features", ["preprocessing"])
        return cls(tuple(_encoder_from_json(encoder) for encoder in value))


def date_format_of(encoder: Encoder) -> str | None:
    """The strptime format of a feature's dates; None for ISO 8601, and for features that are not dates."""
    return encoder.format if isinstance(encoder, DateEncoder) else None


def _signature(encoder: Encoder) -> FeatureSignature:
    form = encoder.form or TextForm()
    return FeatureSignature(
        encoder.name,
        encoder.type,
        encoder.nullable,
        encoder.minimum,
        encoder.maximum,
        encoder.categories,
        date_format_of(encoder),
        form.decimal,
        form.thousands,
        form.unit,
        form.missing_values,
    )


def _learn(column: Column, scaling: Scaling, override: ColumnOverride | None) -> Encoder:
    if column.type == "number":
        return NumberEncoder.learn(column, scaling, (override and override.missing) or "mean")
    if column.type == "boolean":
        return BooleanEncoder.learn(column)
    if column.type == "category":
        return CategoryEncoder.learn(column)
    return DateEncoder.learn(column, None if override is None else override.format)


def _with_reading(encoder: Encoder, reading: ColumnOverride | None, may_be_missing: bool) -> Encoder:
    """Where no training row misses a value, no column flags it: the weights of that column would be chance."""
    if isinstance(encoder, DateEncoder) and reading is not None:
        encoder = replace(encoder, format=reading.format)
    if may_be_missing and not encoder.nullable:
        encoder = replace(encoder, nullable=True, flagged=False)
    return replace(encoder, form=TextForm.of(reading))


def _with_format(encoder: Encoder, formats: Mapping[str, str | None]) -> Encoder:
    if not isinstance(encoder, DateEncoder) or encoder.name not in formats:
        return encoder
    return replace(encoder, format=formats[encoder.name])


def _values(table: Table, encoder: Encoder) -> Array:
    if encoder.name not in table:
        raise UnknownColumn(encoder.name, list(table))
    return table[encoder.name].values


def _encoder_from_json(value: object) -> Encoder:
    type_ = value.get("type") if isinstance(value, dict) else None
    if not isinstance(type_, str) or type_ not in _ENCODERS:
        raise BadRecipe(f"{shorten(type_)} is not a type of feature", ["preprocessing"])
    encoder = from_json(_ENCODERS[type_], value, ["preprocessing"])
    assert isinstance(encoder, NumberEncoder | BooleanEncoder | CategoryEncoder | DateEncoder)
    return encoder


def _scaling(shift: Array, scale: Array) -> Callable[[Array], Array]:
    """(x − shift) / scale for each column of x, whose shape is (n_rows, n_features).

    Many rows of few features are transposed first: otherwise NumPy would go through them row by row, which takes twice
    as long. For a single row, a shift of shape (1, n_features) takes half the time of a vector (measured).
    """
    shift_row, scale_row, shift_column, scale_column = shift[None], scale[None], shift[:, None], scale[:, None]
    is_narrow = len(shift) <= MOST_TRANSPOSED_FEATURES

    def scaled(raw: Array) -> Array:
        if is_narrow and len(raw) >= FEWEST_TRANSPOSED_ROWS:
            transposed: Array = raw.T.copy()
            np.subtract(transposed, shift_column, out=transposed)
            np.divide(transposed, scale_column, out=transposed)
            return transposed.T
        result: Array = raw - shift_row
        np.divide(result, scale_row, out=result)
        return result

    return scaled
