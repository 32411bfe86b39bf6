"""What a caller says about how a table is written, and by which rules the rest is found."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from models.data.signature import FeatureSignature
from models.specification import ColumnOverride, ColumnType, Recipe
from models.specification.json_codec import from_json, to_json

# 1 took dates, written numbers and tokens such as `?` for text; what was trained by its rules is read by them for good.
CURRENT_READER: Literal[2] = 2


@dataclass(frozen=True)
class ReadingOptions:
    """`reader` is the version of the rules by which what is not said is found.

    `comma_is_decimal` where the file itself suggests that, for numbers such as `1,234` that leave it open.
    `index_columns` are those that the file itself has as the names of its rows.
    `is_complete` where the readings of all columns that matter are known: the others are then left as they are written.
    """

    columns: dict[str, ColumnOverride] = field(default_factory=dict)
    missing_values: tuple[str, ...] | None = None
    header: bool | None = None
    reader: int = CURRENT_READER
    comma_is_decimal: bool = False
    index_columns: tuple[str, ...] = ()
    is_complete: bool = False

    @classmethod
    def of(cls, recipe: Recipe) -> "ReadingOptions":
        """Those of a request; a request that was stored without a reader keeps the rules of the first one."""
        return cls(recipe.columns, recipe.missing_values, recipe.header, recipe.reader or 1)

    @classmethod
    def of_version(
        cls, recipe: Recipe | None, features: Sequence[FeatureSignature], labels: Sequence[str], label_type: ColumnType
    ) -> "ReadingOptions":
        """Those by which a version reads rows; `recipe` is None for an imported one."""
        columns = {feature.name: feature.reading for feature in features}
        if recipe is None:
            return cls(columns, reader=1)
        if recipe.reader is None:
            return cls(columns | recipe.columns, reader=1)
        columns |= {name: ColumnOverride(type=label_type) for name in labels} | recipe.columns
        return cls(columns, recipe.missing_values, recipe.header, recipe.reader, is_complete=True)

    def to_json(self) -> object:
        """Plain JSON values; `from_json` gives equal options."""
        return to_json(self)

    @classmethod
    def from_json(cls, value: object) -> "ReadingOptions":
        """The options that `to_json` wrote."""
        options = from_json(cls, value)
        assert isinstance(options, cls)
        return options

    def override_of(self, name: str) -> ColumnOverride:
        """What the caller said about a column, with the missing values of all columns where it has none of its own."""
        override = self.columns.get(name, ColumnOverride())
        if override.missing_values is None and self.missing_values is not None:
            return replace(override, missing_values=self.missing_values)
        return override
