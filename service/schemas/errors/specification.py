"""A training's specification from JSON; its errors name locations in the request and nothing of pydantic's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.specification import TAG_MARK
from service.problems import InputError, InvalidInput, Location, did_you_mean, input_error
from service.schemas.errors.validation import invalid_input
from service.schemas.training import TrainSpecification
from service.settings import Settings

LARGEST_SEED, MOST_THREADS, MOST_FOLDS = 2**63 - 1, 256, 1000
Measure = tuple[tuple[str | int, ...], int, str, int, str]


def read_specification(value: Any, settings: Settings, root: Location = ("body",)) -> TrainSpecification:
    """Raises InvalidInput with the location and the kind of each error."""
    try:
        specification = TrainSpecification.model_validate_json(orjson.dumps(value))
    except ValidationError as error:
        errors = [_plain(details) for details in error.errors(include_url=False, include_input=True)]
        raise invalid_input(errors, root, TrainSpecification) from None
    exceeded = list(past_limits(specification, settings, root))
    if exceeded:
        raise InvalidInput(exceeded[0]["message"], errors=exceeded)
    return specification


def past_limits(specification: TrainSpecification, settings: Settings, root: Location) -> list[InputError]:
    """The errors of values that exceed the settings' limits."""
    return [
        input_error([*root, *place], "limit", f"{value:,} {what} over the limit of {limit:,}{_raised_by(setting)}")
        for place, value, what, limit, setting in _measures(specification, settings)
        if value > limit
    ]


def _measures(specification: TrainSpecification, settings: Settings) -> Iterator[Measure]:
    network, training = specification.network, specification.training
    yield ("network", "hidden"), len(network.hidden), "hidden layers are", settings.max_hidden_layers, "HIDDEN_LAYERS"
    for position, width in enumerate(network.hidden[: settings.max_hidden_layers]):
        yield ("network", "hidden", position), width, "neurons are", settings.max_hidden_width, "HIDDEN_WIDTH"
    yield ("training", "epochs"), training.epochs or 0, "epochs are", settings.max_epochs, "EPOCHS"
    yield ("training", "seed"), training.seed or 0, "is", LARGEST_SEED, ""
    yield ("training", "threads"), training.threads or 0, "threads are", MOST_THREADS, ""
    yield ("validation", "folds"), specification.validation.folds or 0, "folds are", MOST_FOLDS, ""


def _raised_by(setting: str) -> str:
    return f" (FEEDFORWARD_MAX_{setting})" if setting else ""


def _plain(error: ErrorDetails) -> ErrorDetails:
    """The error without the tags that pydantic gives to the members of unions, and with the allowed choices."""
    location = tuple(part for part in error["loc"] if not str(part).startswith(TAG_MARK))
    plain: ErrorDetails = {**error, "loc": location}
    if error["type"] == "unexpected_keyword_argument":
        plain["type"] = "extra_forbidden"
    if error["type"] in {"union_tag_invalid", "literal_error"}:
        plain |= {"type": "literal_error", "msg": _choices(error)}
    return plain


def _choices(error: ErrorDetails) -> str:
    """The allowed choices, and the one nearest to the input."""
    context, value = error.get("ctx", {}), error.get("input")
    expected = str(context.get("expected_tags", context.get("expected", ""))).replace(repr(TAG_MARK)[1:-1], "")
    choices = re.findall(r"'([^']+)'", expected)
    name = value.get("name") if isinstance(value, dict) else value
    nearest = did_you_mean(name, choices) if isinstance(name, str) else ""
    return f"this should be {', '.join(choices) or expected}.{nearest}"
