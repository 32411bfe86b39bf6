"""Pydantic's errors as the service reports them: where, which kind, what to do; never the input itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from service.problems import (
    MOST_ERRORS,
    OTHER_NAMES,
    InputError,
    InvalidInput,
    Location,
    did_you_mean,
    input_error,
    shorten,
    with_end,
)
from service.schemas.names import NAME_PATTERN

DEEPEST_SUGGESTION = 4
# Pydantic's error types, and the codes that a client reads.
CODES = {
    "extra_forbidden": "unknown",
    "value_error": "invalid",
    "model_type": "object_type",
    "dict_type": "object_type",
    "dataclass_type": "object_type",
}


def invalid_input(errors: Sequence[ErrorDetails], root: Location = ("body",), shape: Any = None) -> InvalidInput:
    """The problem with the first of the errors. `shape` is the validated type, whose field names may be suggested."""
    reported = [_to_input_error(error, root, shape) for error in islice(errors, MOST_ERRORS)]
    return InvalidInput(_summary(reported, len(errors)), errors=reported, error_count=len(errors))


def _to_input_error(error: ErrorDetails, root: Location, shape: Any) -> InputError:
    location = [*root, *error["loc"]]
    return input_error(location, CODES.get(error["type"], error["type"]), _message(error, root, shape))


def _message(error: ErrorDetails, root: Location, shape: Any) -> str:
    if error["type"] == "extra_forbidden":
        inside = error["loc"] if root else error["loc"][1:]
        return f"there is no field `{shorten(str(inside[-1]), 60)}`.{_suggestion(str(inside[-1]), inside[:-1], shape)}"
    if error["type"] == "missing":
        return "this is required"
    if error["type"] in {"model_type", "model_attributes_type", "dict_type", "dataclass_type"}:
        return "this must be a JSON object"
    if error.get("ctx", {}).get("pattern") == NAME_PATTERN:
        return "a name is 1 to 63 of a-z, 0-9, `.`, `_` and `-`, and begins with a letter or a digit"
    return error["msg"].removeprefix("Value error, ").replace("Input should", "this should", 1)


def _summary(errors: Sequence[InputError], count: int) -> str:
    if not errors:
        return ""
    first = errors[0]
    more = f" There are {count - 1} more errors." if count > 2 else " There is 1 more error." if count == 2 else ""
    return f"{path_of(first['location'])}: {with_end(first['message'])}{more}"


def path_of(location: Location) -> str:
    """`["body", "inputs", 3, "length"]` as `inputs[3].length`."""
    parts = [shorten(part, 60) if isinstance(part, str) else part for part in location]
    inner = parts[1:] if len(parts) > 1 else parts
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in inner).lstrip(".")


def names_at(shape: Any, location: Location) -> list[str]:
    """The names of the fields that an object at this location of a type may have."""
    shapes = list(_objects_in(shape))
    for part in location:
        shapes = [inner for outer in shapes for inner in _step(outer, part)]
    return [name for shape in shapes for name in _fields_of(shape)]


def _suggestion(name: str, location: Location, shape: Any) -> str:
    """The field of this place that is called otherwise, else that of this name in another place, else the nearest."""
    here = names_at(shape, location)
    others = OTHER_NAMES.get(name, ())
    if not any(other in here for other in others):
        for elsewhere in (name, *others):
            path = next(paths_to(elsewhere, shape), None)
            if path is not None:
                return f" Did you mean `{path}`?"
    return did_you_mean(name, here)


def paths_to(name: str, shape: Any) -> Iterator[str]:
    """The places of a field in an object and in the objects within it, as `training.epochs`, the outermost first."""
    level = [("", inner) for inner in _objects_in(shape)]
    for _ in range(DEEPEST_SUGGESTION):
        known = [(prefix, field, type_) for prefix, outer in level for field, type_ in _fields_of(outer).items()]
        yield from (f"{prefix}{field}" for prefix, field, _ in known if field == name)
        level = [(f"{prefix}{field}.", inner) for prefix, field, type_ in known for inner in _members_of(type_)]


def _members_of(shape: Any) -> Iterator[Any]:
    """The types with fields that stand for themselves in an annotation, not in its lists and mappings."""
    if get_origin(shape) in (dict, list, tuple):
        return
    if isinstance(shape, type):
        yield from _objects_in(shape)
    for inner in get_args(shape):
        yield from _members_of(inner)


def _step(shape: Any, part: str | int) -> Iterator[Any]:
    if part in (fields_by_name := _fields_of(shape)):
        yield from _objects_in(fields_by_name[str(part)])
    elif isinstance(part, str) and part == getattr(shape, "name", getattr(shape, "__name__", None)):
        yield shape  # pydantic adds the member of a union to the location


def _objects_in(shape: Any) -> Iterator[Any]:
    """The types with fields that an annotation mentions, through unions, lists and the like."""
    if isinstance(shape, type) and get_origin(shape) is None:
        if issubclass(shape, BaseModel) or is_dataclass(shape):
            yield shape
        return
    for inner in get_args(shape):
        yield from _objects_in(inner)


def _fields_of(shape: Any) -> dict[str, Any]:
    if is_dataclass(shape):
        return {field.name: field.type for field in fields(shape)}
    return {field.alias or name: field.annotation for name, field in shape.model_fields.items()}
