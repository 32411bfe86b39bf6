"""The types of one version's inputs, built from its signature: pydantic checks them and schemas show them."""

from __future__ import annotations

from collections.abc import Iterable
from types import GenericAlias
from typing import Annotated, Any, NotRequired

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Strict,
    Tag,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from models.data.reading.numbers import EXAMPLE_NUMBER
from models.data.reading.written_forms import date_form, form_description, written_example
from models.data.signature import FeatureSignature, Signature

# The functional form with names that are known at run time only, which no type checker can follow.
_typed_dict: Any = TypedDict
TAGS = frozenset({"an object", "a list"})
_STRICT = ConfigDict(extra="forbid", strict=True)
_IGNORED = NotRequired[Annotated[Any, Field(description="Ignored: a column of the training table that is no feature.")]]


def row_type(signature: Signature, ignored: Iterable[str]) -> Any:
    """A row: an object by feature name, or a list in the order of the features. `ignored` may be in an object too."""
    fields = {feature.name: _optional(feature, _value(feature)) for feature in signature.features}
    by_name = object_type("Row", fields | dict.fromkeys(ignored, _IGNORED))
    in_order: Any = GenericAlias(tuple, tuple(_value(feature) for feature in signature.features))
    return Annotated[
        Annotated[by_name, Tag("an object")] | Annotated[in_order, Strict(False), Tag("a list")],
        Discriminator(_form),
    ]


def columns_type(signature: Signature, ignored: Iterable[str]) -> Any:
    """An object of lists, one a feature; `ignored` may be among them."""
    fields = {feature.name: _optional(feature, _list_of(_value(feature))) for feature in signature.features}
    return object_type("Columns", fields | dict.fromkeys(ignored, _IGNORED))


def object_type(name: str, fields: dict[str, Any]) -> Any:
    """A strict JSON object of these fields, whose names may be any text."""
    type_ = _typed_dict(name, fields)
    type_.__pydantic_config__ = _STRICT
    return type_


def rows_adapter(signature: Signature, ignored: Iterable[str]) -> TypeAdapter[Any]:
    return TypeAdapter(_list_of(row_type(signature, ignored)))


def columns_adapter(signature: Signature, ignored: Iterable[str]) -> TypeAdapter[Any]:
    return TypeAdapter(columns_type(signature, ignored))


def _optional(feature: FeatureSignature, type_: Any) -> Any:
    """What is missing may also be absent."""
    return NotRequired[type_] if feature.nullable else type_


def _list_of(item: Any) -> Any:
    return GenericAlias(list, (item,))


def _form(row: Any) -> str | None:
    return "an object" if isinstance(row, dict) else "a list" if isinstance(row, list) else None


def _value(feature: FeatureSignature) -> Any:
    kind = _KINDS[feature.type](feature)
    return kind | None if feature.nullable else kind


def _number(feature: FeatureSignature) -> Any:
    extra: dict[str, Any] = {}
    seen = ""
    if feature.minimum is not None:
        seen = f"Seen in training: {feature.minimum:g} to {feature.maximum:g}."
        extra = {"x-seen-minimum": feature.minimum, "x-seen-maximum": feature.maximum}
    type_ = Annotated[float, Field(strict=True, allow_inf_nan=False)]
    return _or_text(feature, type_, {"type": "number"} | extra, seen)


def _boolean(feature: FeatureSignature) -> Any:
    return _or_text(feature, Annotated[bool, Field(strict=True)], {"type": "boolean"}, "")


def _or_text(feature: FeatureSignature, type_: Any, schema: dict[str, Any], description: str) -> Any:
    """The type itself, or a text too where the feature's values are written in a form of their own."""
    description = " ".join(filter(None, [description, form_description(feature)]))
    described = schema | ({"description": description} if description else {})
    if not feature.reading.has_text_form:
        return Annotated[type_, WithJsonSchema(described)]
    example = {"examples": [written_example(feature, EXAMPLE_NUMBER)]} if feature.type == "number" else {}
    shown = described | {"type": [schema["type"], "string"]} | example
    return Annotated[type_, WrapValidator(_text_or), WithJsonSchema(shown)]


def _text_or(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """Texts are read once all rows are known to have the right shape."""
    return value if isinstance(value, str) else check(value)


def _category(feature: FeatureSignature) -> Any:
    """Any scalar: a categorical column may hold numbers. A category never seen is a warning, not an error."""
    levels = list(feature.categories or ())
    description = " ".join(filter(None, [_levels_text(levels), form_description(feature)]))
    shown = {"type": ["string", "number", "boolean"], "description": description, "x-seen-categories": levels}
    return Annotated[Any, PlainValidator(_scalar), WithJsonSchema(shown)]


def _scalar(value: Any) -> Any:
    if isinstance(value, str | int | float):
        return value
    raise PydanticCustomError("text_type", "Input should be text")


def _date(feature: FeatureSignature) -> Any:
    sentences = ["A date or a moment; UTC where it names no zone."]
    if feature.format is not None:
        sentences.append(f"Written in {date_form(feature.format)}, with the directives of strptime.")
    description = " ".join(filter(None, [*sentences, form_description(feature)]))
    extra: dict[str, Any] = {} if feature.format is None else {"x-format": feature.format}
    return Annotated[str, Field(strict=True, description=description, json_schema_extra=extra)]


def _levels_text(levels: list[str]) -> str:
    return f"Seen in training: {', '.join(levels[:20])}{', …' if len(levels) > 20 else ''}."


_KINDS = {"number": _number, "boolean": _boolean, "category": _category, "date": _date}
