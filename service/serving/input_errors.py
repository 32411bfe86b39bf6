"""Errors of inputs as the contract describes them: the place, the kind, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError

from models.errors import BadColumn, ModelError
from service.problems import MOST_ERRORS, InputError, InvalidInput, Location, did_you_mean, input_error, shorten
from service.serving.input_types import TAGS

CODES = {"extra_forbidden": "unknown", "union_tag_not_found": "row_type", "dict_type": "object_type"}


def invalid_types(error: ValidationError, root: Location, names: Sequence[str]) -> InvalidInput:
    """What pydantic found. `names` are the features, in their order."""
    details = islice(error.errors(include_url=False, include_context=False), MOST_ERRORS)
    errors = [_type_error(each["type"], each["loc"], each["input"], each["msg"], root, names) for each in details]
    return invalid_inputs(errors, error.error_count())


def invalid_inputs(errors: list[InputError], count: int) -> InvalidInput:
    """`errors` are the first ones of `count`."""
    more = f" There are {count - 1} more errors." if count > 2 else " There is 1 more error." if count == 2 else ""
    detail = f"{_path(errors[0]['location'])}: {errors[0]['message'].rstrip('.')}.{more}"
    return InvalidInput(detail, errors=errors, error_count=count)


def invalid_input(location: Location, code: str, message: str) -> InvalidInput:
    """A single error."""
    return invalid_inputs([input_error(location, code, message)], 1)


def cell_location(root: Location, column: str, row: int) -> Location:
    """The place of a value in rows or, where the root says so, in columns."""
    return [*root, column, row] if root[-1] == "columns" else [*root, row, column]


def invalid_for_model(error: ModelError, root: Location) -> InvalidInput:
    """What the network library found, such as text that is not a date."""
    message = error.message.rstrip(".")
    if not isinstance(error, BadColumn) or not error.rows:
        return invalid_input([*root, *error.location], "invalid", message)
    errors = [
        input_error(cell_location(root, error.column, row), "invalid", message) for row in error.rows[:MOST_ERRORS]
    ]
    return invalid_inputs(errors, len(error.rows))


def unknown_column(name: str, names: Sequence[str]) -> str:
    """The message about a column that the training table never had; `names` are the features."""
    return f"there is no feature `{shorten(name, 60)}`.{did_you_mean(name, names)}"


def _type_error(
    kind: str, place: tuple[int | str, ...], value: Any, message: str, root: Location, names: Sequence[str]
) -> InputError:
    location = [*root, *(part for part in place[:2] if part not in TAGS), *place[2:]]
    in_list = len(place) > 2 and place[1] == "a list"
    if kind == "extra_forbidden":
        return input_error(location, "unknown", unknown_column(str(place[-1]), names))
    if kind == "missing":
        name = names[int(place[-1])] if in_list else place[-1]
        return input_error(location, "missing", f"the feature `{shorten(str(name), 60)}` is required")
    if kind in {"too_long", "too_short"}:
        return input_error(location, kind, f"a list holds the {len(names)} features in their order")
    if kind == "union_tag_not_found":
        return input_error(location, "row_type", "a row is an object by feature name, or a list in their order")
    if value is None:
        message = "null is not allowed: the training data had no missing values in this column"
        return input_error(location, "null", message)
    return input_error(location, CODES.get(kind, kind), message.replace("Input should", "this should", 1))


def _path(location: Location) -> str:
    parts = [shorten(part, 60) if isinstance(part, str) else part for part in location[1:]]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
