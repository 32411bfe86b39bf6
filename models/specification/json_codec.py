"""Specifications to plain JSON values and back, by their annotations alone."""

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from models.errors import BadRecipe, Location, did_you_mean, shorten
from models.specification.named_union import ByName, member_name, object_from_name

# For fields that were added later: without them, values are written exactly as before.
LEFT_OUT_WHEN_NONE = {"left_out_when_none": True}


def to_json(value: object) -> object:
    """The value as plain JSON: dataclasses become dictionaries with every field, and tuples become lists."""
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value) if _is_written(field, value)}
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def _is_written(field: Field[Any], value: object) -> bool:
    return "left_out_when_none" not in field.metadata or getattr(value, field.name) is not None


def from_json(kind: Any, value: object, location: Location | None = None) -> object:
    """A value of the annotated kind, decoded strictly: neither a boolean nor a text is a number. Raises BadRecipe."""
    return _decode(kind, value, location or [])


def _decode(kind: Any, value: object, location: Location) -> object:
    origin = get_origin(kind)
    if kind is object:
        return frozen(value)
    if origin is Annotated:
        return _decode_annotated(kind, value, location)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(kind), value, location)
    if origin is Literal:
        return _decode_literal(get_args(kind), value, location)
    if origin is tuple:
        return _decode_tuple(get_args(kind), value, location)
    if origin is dict:
        return _decode_dict(get_args(kind)[1], value, location)
    if is_dataclass(kind):
        return _decode_dataclass(kind, value, location)
    return _decode_scalar(kind, value, location)


def _decode_annotated(kind: Any, value: object, location: Location) -> object:
    inner, mark = get_args(kind)
    if not isinstance(mark, ByName):
        return _decode(inner, value, location)
    members = {member_name(member): member for member in get_args(inner)}
    choice = object_from_name(value)
    name = choice.get("name") if isinstance(choice, Mapping) else None
    if not isinstance(name, str) or name not in members:
        raise BadRecipe(f"{shorten(name)} is not known.{did_you_mean(str(name), list(members))}", location)
    return _decode(members[name], choice, location)


def _decode_union(members: tuple[Any, ...], value: object, location: Location) -> object:
    """The first member that accepts the value; where none does, the deepest error is raised."""
    fitting = [member for member in members if isinstance(value, Mapping) and _has_fields(member, value)]
    if len(fitting) == 1:
        return _decode(fitting[0], value, location)
    deepest: BadRecipe | None = None
    for member in members:
        try:
            return _decode(member, value, location)
        except BadRecipe as error:
            if deepest is None or len(error.location) > len(deepest.location):
                deepest = error
    assert deepest is not None
    raise deepest


def _has_fields(kind: Any, value: Mapping[object, object]) -> bool:
    return is_dataclass(kind) and set(value) <= {field.name for field in fields(kind)}


def _decode_literal(choices: tuple[object, ...], value: object, location: Location) -> object:
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return choice
    known = [str(choice) for choice in choices]
    raise BadRecipe(f"{shorten(value)} is not known.{did_you_mean(str(value)[:100], known)}", location)


def _decode_tuple(kinds: tuple[Any, ...], value: object, location: Location) -> object:
    if not isinstance(value, list | tuple):
        raise BadRecipe("must be a list", location)
    if kinds[-1] is not Ellipsis and len(kinds) != len(value):
        raise BadRecipe(f"must be a list of {len(kinds)}", location)
    kind_of = kinds if kinds[-1] is not Ellipsis else (kinds[0],) * len(value)
    return tuple(_decode(kind_of[i], item, [*location, i]) for i, item in enumerate(value))


def _decode_dict(kind: Any, value: object, location: Location) -> object:
    if not isinstance(value, Mapping):
        raise BadRecipe("must be an object", location)
    return {str(key): _decode(kind, item, [*location, str(key)]) for key, item in value.items()}


def _decode_dataclass(kind: Any, value: object, location: Location) -> object:
    if not isinstance(value, Mapping):
        raise BadRecipe("must be an object", location)
    hints, known = _fields_of(kind)
    for key in value:
        if key not in known:
            nearest = did_you_mean(str(key), list(known))
            raise BadRecipe(f"There is no field {shorten(key)}.{nearest}", [*location, str(key)[:100]])
    for name, field in known.items():
        if name not in value and field.default is MISSING and field.default_factory is MISSING:
            raise BadRecipe(f"{name} is missing", [*location, name])
    arguments = {str(key): _decode(hints[key], item, [*location, key]) for key, item in value.items()}
    try:
        return kind(**arguments)
    except ValueError as error:
        raise BadRecipe(str(error), location) from None


@cache
def _fields_of(kind: Any) -> tuple[dict[str, Any], dict[str, Field[Any]]]:
    return get_type_hints(kind, include_extras=True), {field.name: field for field in fields(kind)}


def _decode_scalar(kind: Any, value: object, location: Location) -> object:
    if kind is type(None) and value is None:
        return None
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value, location)
    if kind in (int, bool, str) and type(value) is kind:
        return value
    raise BadRecipe(f"must be {_KINDS[kind]}", location)


_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text", type(None): "null"}


def _finite(value: float, location: Location) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadRecipe("must be a finite number", location)
    return number


def frozen(value: object) -> object:
    """The value with tuples for all lists inside it, so that a specification can be compared and not changed."""
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    if isinstance(value, Mapping):
        return {key: frozen(item) for key, item in value.items()}
    return value
