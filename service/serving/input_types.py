"""The types of one version's inputs, built from its signature: pydantic checks them and schemas show them."""

from __future__ import annotations

from types import GenericAlias
from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, PlainValidator, Strict, Tag, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from models.data.date_formats import takes_iso_as_well
from models.data.signature import FeatureSignature, Signature

# The functional form with names that are known at run time only, which no type checker can follow.
_typed_dict: Any = TypedDict
TAGS = frozenset({"an object", "a list"})
_STRICT = ConfigDict(extra="forbid", strict=True)


def row_type(signature: Signature) -> Any:
    """A row: an object by feature name, or a list in the order of the features."""
    by_name = object_type("Row", {feature.name: _value(feature) for feature in signature.features})
    in_order: Any = GenericAlias(tuple, tuple(_value(feature) for feature in signature.features))
    return Annotated[
        Annotated[by_name, Tag("an object")] | Annotated[in_order, Strict(False), Tag("a list")],
        Discriminator(_form),
    ]


def columns_type(signature: Signature) -> Any:
    """An object of lists, one a feature."""
    return object_type("Columns", {feature.name: _list_of(_value(feature)) for feature in signature.features})


def object_type(name: str, fields: dict[str, Any]) -> Any:
    """A strict JSON object of these fields, whose names may be any text."""
    type_ = _typed_dict(name, fields)
    type_.__pydantic_config__ = _STRICT
    return type_


def rows_adapter(signature: Signature) -> TypeAdapter[Any]:
    return TypeAdapter(_list_of(row_type(signature)))


def columns_adapter(signature: Signature) -> TypeAdapter[Any]:
    return TypeAdapter(columns_type(signature))


def _list_of(item: Any) -> Any:
    return GenericAlias(list, (item,))


def _form(row: Any) -> str | None:
    return "an object" if isinstance(row, dict) else "a list" if isinstance(row, list) else None


def _value(feature: FeatureSignature) -> Any:
    kind = _KINDS[feature.type](feature)
    return kind | None if feature.nullable else kind


def _number(feature: FeatureSignature) -> Any:
    if feature.minimum is None:
        return Annotated[float, Field(strict=True, allow_inf_nan=False)]
    seen = f"Seen in training: {feature.minimum:g} to {feature.maximum:g}."
    limits: dict[str, Any] = {"x-seen-minimum": feature.minimum, "x-seen-maximum": feature.maximum}
    return Annotated[float, Field(strict=True, allow_inf_nan=False, description=seen, json_schema_extra=limits)]


def _boolean(feature: FeatureSignature) -> Any:
    return Annotated[bool, Field(strict=True)]


def _category(feature: FeatureSignature) -> Any:
    """Any scalar: a categorical column may hold numbers. A category never seen is a warning, not an error."""
    levels = list(feature.categories or ())
    shown = {"type": ["string", "number", "boolean"], "description": _levels_text(levels), "x-seen-categories": levels}
    return Annotated[Any, PlainValidator(_scalar), WithJsonSchema(shown)]


def _scalar(value: Any) -> Any:
    if isinstance(value, str | int | float):
        return value
    raise PydanticCustomError("text_type", "Input should be text")


def _date(feature: FeatureSignature) -> Any:
    written = "" if feature.format is None else f" Written in the format {feature.format!r} of strptime"
    iso = ", or in ISO 8601." if feature.format and takes_iso_as_well(feature.format) else "."
    said = f"A date or a moment; UTC where it names no zone.{written + iso if written else ''}"
    extra: dict[str, Any] = {} if feature.format is None else {"x-format": feature.format}
    return Annotated[str, Field(strict=True, description=said, json_schema_extra=extra)]


def _levels_text(levels: list[str]) -> str:
    return f"Seen in training: {', '.join(levels[:20])}{', …' if len(levels) > 20 else ''}."


_KINDS = {"number": _number, "boolean": _boolean, "category": _category, "date": _date}
