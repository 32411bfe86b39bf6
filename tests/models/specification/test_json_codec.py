"""JSON is decoded as strictly as its annotations say, and each fault has its place."""

from typing import Annotated, Literal

import pytest

from models.errors import BadRecipe
from models.specification import Adam, ByName, Sgd
from models.specification.json_codec import from_json, frozen, to_json


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (int, 3, 3),
        (float, 3, 3.0),
        (float, 2.5, 2.5),
        (bool, True, True),
        (str, "3", "3"),
        (int | None, None, None),
        (Literal["a", False], False, False),
        (tuple[int, ...], [1, 2], (1, 2)),
        (tuple[int, ...], [], ()),
        (tuple[float, str], [1, "a"], (1.0, "a")),
        (dict[str, int], {"a": 1}, {"a": 1}),
        (object, [1, [2, {"a": [3]}]], (1, (2, {"a": (3,)}))),
        (float | Literal["f1"], "f1", "f1"),
        (Annotated[Sgd | Adam, ByName()], "sgd", Sgd()),
        (Annotated[Sgd | Adam, ByName()], {"name": "adam", "beta1": 0.5}, Adam(beta1=0.5)),
    ],
)
def test_a_value_of_its_kind_is_decoded(kind, value, expected):
    decoded = from_json(kind, value)
    assert decoded == expected
    assert type(decoded) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "location", "message"),
    [
        (int, 3.0, [], "must be a whole number"),
        (int, True, [], "must be a whole number"),
        (int, "3", [], "must be a whole number"),
        (float, True, [], "must be a number"),
        (float, "3", [], "must be a number"),
        (float, float("nan"), [], "finite"),
        (float, float("inf"), [], "finite"),
        (float, 10**400, [], "finite"),
        (bool, 1, [], "must be true or false"),
        (str, 1, [], "must be text"),
        (type(None), 0, [], "must be null"),
        (Literal["relu", "tanh"], "rleu", [], "Did you mean 'relu'"),
        (Literal[False], 0, [], "0 is not known"),
        (tuple[int, ...], "12", [], "must be a list"),
        (tuple[int, ...], [1, "2"], [1], "must be a whole number"),
        (tuple[int, int], [1], [], "must be a list of 2"),
        (tuple[int, int], [1, 2, 3], [], "must be a list of 2"),
        (dict[str, int], [1], [], "must be an object"),
        (dict[str, int], {"a": "b"}, ["a"], "must be a whole number"),
        (Sgd, [], [], "must be an object"),
        (Sgd, {"momentun": 0.5}, ["momentun"], "Did you mean 'momentum'"),
        (Sgd, {"momentum": 1.0}, [], "momentum"),
        (Annotated[Sgd | Adam, ByName()], "sdg", [], "Did you mean 'sgd'"),
        (Annotated[Sgd | Adam, ByName()], {"momentum": 0.5}, [], "None is not known"),
        (Annotated[Sgd | Adam, ByName()], 3, [], "None is not known"),
        (float | tuple[float, ...], [1.0, "a"], [1], "must be a number"),
        (float | Sgd, {"momentum": "a"}, ["momentum"], "must be a number"),
    ],
)
def test_a_value_of_another_kind_is_rejected_with_its_place(kind, value, location, message):
    with pytest.raises(BadRecipe) as error:
        from_json(kind, value)
    assert error.value.location == location
    assert message in error.value.message


def test_a_long_name_is_cut_in_message_and_place():
    with pytest.raises(BadRecipe) as error:
        from_json(Sgd, {"x" * 500: 1}, ["training"])
    assert error.value.location == ["training", "x" * 100]
    assert len(error.value.message) < 300


def test_what_is_written_is_plain_json():
    assert to_json({"a": (1, (2,)), "b": Sgd()}) == {
        "a": [1, [2]],
        "b": {"name": "sgd", "learning_rate": 0.01, "momentum": 0.0, "nesterov": False},
    }


def test_frozen_values_hold_no_list():
    assert frozen([1, {"a": [2, [3]]}]) == (1, {"a": (2, (3,))})
