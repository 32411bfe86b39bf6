"""The errors of large inputs: all are counted, the first ones listed."""

import pytest

from models.data.signature import FeatureSignature, OutputSignature, Signature
from models.errors import BadColumn, BadRecipe
from service.problems import InvalidInput
from service.serving.input_errors import invalid_for_model
from service.serving.reading.row_reader import RowReader

NAMES = ("height", "w" * 80)
READER = RowReader(
    Signature(tuple(FeatureSignature(name, "number", False) for name in NAMES), (OutputSignature("y", "number"),))
)
ROOT = ("body", "inputs")


def refused(inputs) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        READER.read(inputs, ROOT)
    return caught.value


@pytest.mark.parametrize(("rows", "more"), [(1, ""), (2, "There is 1 more error."), (25, "There are 24 more errors.")])
def test_every_bad_value_is_counted_and_twenty_are_listed(rows, more):
    dates = invalid_for_model(BadColumn("day", list(range(3, 3 + rows)), "'day' holds no date."), ROOT)
    numbers = refused([[1, "x"]] * rows)
    for problem in (dates, numbers):
        assert problem.error_count == rows
        assert len(problem.errors) == min(rows, 20)
        assert problem.detail.endswith(f".{' ' * bool(more)}{more}")
        assert ".." not in problem.detail
    assert [error["location"] for error in dates.errors[:2]] == [[*ROOT, 3, "day"], [*ROOT, 4, "day"]][:rows]


def test_a_model_error_without_rows_keeps_its_own_place():
    problem = invalid_for_model(BadRecipe("leave it out.", ["coverage"]), ("body",))
    assert [(error["location"], error["code"]) for error in problem.errors] == [(["body", "coverage"], "invalid")]
    assert invalid_for_model(BadColumn("day", [], "is empty"), ("body",)).errors[0]["location"] == ["body", "day"]


def test_a_feature_missing_from_a_list_is_named():
    assert "`" + "w" * 59 + "…`" in refused([[1.0]]).errors[0]["message"]


def test_long_names_are_cut():
    error = refused([{NAMES[0]: 1, NAMES[1]: 2, "x" * 500: 3}])
    assert "`" + "x" * 59 + "…`" in error.errors[0]["message"]
    assert "x" * 61 not in error.detail


def test_a_nested_value_keeps_the_tail_of_its_place():
    error = refused([{NAMES[0]: None, NAMES[1]: 2}])
    assert [(one["location"], one["code"]) for one in error.errors] == [([*ROOT, 0, "height"], "null")]
    assert error.detail.startswith("inputs[0].height: null")
