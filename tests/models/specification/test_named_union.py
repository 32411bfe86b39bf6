"""A value with the shape of one member is judged as that member, so that its error is the helpful one."""

import json
from typing import Annotated, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from models.specification import TAG_MARK, ByShape, Choice, Range, member_name
from models.specification.optimizers import Lion

NUMBERS_OR_TEXT = TypeAdapter(Annotated[float | tuple[float, ...] | Literal["auto"], ByShape()])
SPACE = TypeAdapter(Annotated[Range | Choice, ByShape()])


def location(adapter, value):
    with pytest.raises(ValidationError) as error:
        adapter.validate_json(json.dumps(value))
    [fault] = error.value.errors()
    return [str(part) for part in fault["loc"]]


@pytest.mark.parametrize(("value", "expected"), [(1.5, 1.5), ("auto", "auto"), ((1.0, 2.0), (1.0, 2.0))])
def test_a_value_is_read_as_the_member_of_its_shape(value, expected):
    assert NUMBERS_OR_TEXT.validate_json(json.dumps(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [((1.0, "x"), [TAG_MARK + "1", "1"]), ("atuo", [TAG_MARK + "2"]), ({}, [TAG_MARK + "0"]), (None, [TAG_MARK + "0"])],
)
def test_a_fault_is_that_of_the_member_of_its_shape_or_else_of_the_first(value, expected):
    assert location(NUMBERS_OR_TEXT, value) == expected


def test_an_object_is_judged_as_the_one_whose_fields_it_has():
    assert SPACE.validate_json('{"choice": [1]}') == Choice(choice=(1,))
    assert location(SPACE, {"choice": (1,), "scala": "log"}) == [TAG_MARK + "1", "scala"]
    assert location(SPACE, {"range": (1.0, 2.0), "scala": "log"}) == [TAG_MARK + "0", "scala"]


def test_a_member_is_called_by_the_default_of_its_name():
    assert member_name(Lion) == "lion"
