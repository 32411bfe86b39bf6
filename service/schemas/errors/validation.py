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
    InputError,
    InvalidInput,
    Location,
    did_you_mean,
    input_error,
    shorten,
    with_end,
)
from service.schemas.names import NAME_PATTERN

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
        name = str(error["loc"][-1])
        inside = error["loc"] if root else error["loc"][1:]
        return f"there is no field `{shorten(name, 60)}`.{did_you_mean(name, names_at(shape, inside[:-1]))}"
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
