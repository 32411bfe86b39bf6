"""The query of a prediction, whose addresses are beside the router."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args
from urllib.parse import parse_qsl

from starlette.types import Scope

from service.problems import InputError, InvalidInput, did_you_mean, input_error, sentence, shorten
from service.schemas.prediction import NAME, ExtraColumns

EXTRA_COLUMNS = "extra_columns"
CHOICES: tuple[ExtraColumns, ...] = get_args(ExtraColumns)


def query_of(scope: Scope, known: Sequence[str]) -> dict[str, str]:
    """The query's parameters. Raises InvalidInput for one that is unknown, repeated or not valid."""
    if not scope["query_string"]:
        return {}
    parameters = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    names = [name for name, _ in parameters]
    errors = [error for name, value in parameters if (error := _error(name, value, names, known)) is not None]
    if errors:
        raise InvalidInput(sentence(errors[0]["message"]), errors=errors)
    return dict(parameters)


def extra_columns_of(query: Mapping[str, str]) -> ExtraColumns:
    """What to do with columns that the training table never had, by a query that is checked."""
    return "ignore" if query.get(EXTRA_COLUMNS) == "ignore" else "reject"


def _error(name: str, value: str, names: Sequence[str], known: Sequence[str]) -> InputError | None:
    location = ["query", name]
    if name not in known:
        message = f"there is no query parameter `{shorten(name, 60)}` here.{did_you_mean(name, known)}"
        return input_error(location, "unknown", message)
    if name == EXTRA_COLUMNS and value not in CHOICES:
        message = f"extra_columns is `ignore` or `reject`, not {shorten(value, 40)!r}.{did_you_mean(value, CHOICES)}"
        return input_error(location, "invalid", message)
    if name not in ("key", EXTRA_COLUMNS) and not NAME.match(value):
        return input_error(location, "invalid", f"this is not a valid name of a {name}")
    if names.count(name) > 1:
        return input_error(location, "repeated", "give this query parameter once")
    return None
