"""A training's specification from JSON, its faults told without the names that pydantic gives to parts of unions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.specification import LOSS_NAMES, OPTIMIZER_NAMES, SCHEDULE_NAMES
from service.api.http.validation_errors import invalid_input
from service.problems import InputError, InvalidInput, Location, did_you_mean, input_error
from service.schemas.training import TrainSpecification
from service.settings import Settings

_TAG = re.compile(r"(literal|tuple|list|dict|function-\w+|nullable|constrained-\w+)\b.*|[A-Z]\w*")
_LAST_TAG = {"str", "int", "float", "bool", "none"}
_UNION_FIELDS = {
    "label",
    "activation",
    "dropout",
    "scaling",
    "early_stopping",
    "class_weight",
    "space",
    "threshold",
    "version",
}
_NAMED = {"optimizer": OPTIMIZER_NAMES, "schedule": SCHEDULE_NAMES, "loss": LOSS_NAMES}
LARGEST_SEED, MOST_THREADS, MOST_FOLDS = 2**63 - 1, 256, 1000
Measure = tuple[tuple[str | int, ...], int, str, int, str]


def read_specification(given: Any, settings: Settings, root: Location = ("body",)) -> TrainSpecification:
    """Raises InvalidInput with the place and the kind of each fault."""
    try:
        specification = TrainSpecification.model_validate_json(orjson.dumps(given))
    except ValidationError as error:
        faults = tidy(error.errors(include_url=False, include_input=True))
        raise invalid_input(faults, root, TrainSpecification) from None
    over = list(past_limits(specification, settings, root))
    if over:
        raise InvalidInput(over[0]["message"], errors=over)
    return specification


def past_limits(specification: TrainSpecification, settings: Settings, root: Location) -> list[InputError]:
    """What is more than the settings allow."""
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


def tidy(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """One branch for each union: the one that went deepest, which is the one that was meant."""
    told = []
    for _, group in groupby(errors, key=_union_of):
        faults = list(group)
        deepest = max(len(_depth(fault)) for fault in faults)
        meant = [fault for fault in faults if len(_depth(fault)) == deepest]
        if len({_branch_of(fault) for fault in meant}) > 1:
            meant = [fault for fault in meant if _branch_of(fault) == _branch_of(meant[0])]
        told += [_plain(fault) for fault in meant]
    return told


def _union_of(fault: ErrorDetails) -> tuple[int | str, ...]:
    """The place of the union that a fault is in; the fault's own place where it is in none."""
    location = fault["loc"]
    for position in range(1, len(location)):
        if _is_tag(location, position):
            return location[:position]
    return location


def _branch_of(fault: ErrorDetails) -> int | str:
    union = _union_of(fault)
    return fault["loc"][len(union)] if len(union) < len(fault["loc"]) else ""


def _depth(fault: ErrorDetails) -> tuple[int | str, ...]:
    return tuple(part for position, part in enumerate(fault["loc"]) if not _is_tag(fault["loc"], position))


def _is_tag(location: tuple[int | str, ...], position: int) -> bool:
    """Whether a part of a location names a branch of a union and no field."""
    part = location[position]
    before = set(location[:position])
    if position and location[position - 1] in _NAMED and part in _NAMED[str(location[position - 1])]:
        return True
    if not isinstance(part, str) or not before & _UNION_FIELDS:
        return False
    return bool(_TAG.fullmatch(part)) or (position == len(location) - 1 and part in _LAST_TAG)


def _plain(fault: ErrorDetails) -> ErrorDetails:
    kind = "extra_forbidden" if fault["type"] == "unexpected_keyword_argument" else fault["type"]
    plain: ErrorDetails = {**fault, "loc": _depth(fault), "type": kind}
    if kind in {"union_tag_invalid", "literal_error"}:
        plain |= {"type": "literal_error", "msg": _choices(fault)}
    return plain


def _choices(fault: ErrorDetails) -> str:
    """What may stand there, the nearest one first."""
    context, given = fault.get("ctx", {}), fault.get("input")
    expected = str(context.get("expected_tags", context.get("expected", "")))
    known = re.findall(r"'([^']+)'", expected)
    text = given.get("name") if isinstance(given, dict) else given
    nearest = did_you_mean(text, known) if isinstance(text, str) else ""
    return f"this should be {', '.join(known) or expected}.{nearest}"
