"""Warnings of inputs: in the order of the rows, the first hundred of all that are counted."""

from models.data.signature import FeatureSignature, OutputSignature, Signature
from service.serving.input_warnings import InputRanges, of_rows

RANGES = InputRanges(
    Signature(
        (
            FeatureSignature("size", "number", True, minimum=0.0, maximum=10.0),
            FeatureSignature("colour", "category", True, categories=("red",)),
        ),
        (OutputSignature("y", "number"),),
    )
)


def test_warnings_of_mixed_columns_come_row_by_row():
    warnings = RANGES.in_columns([[11.0, 5.0, None], ["blue", "red", "green"]])
    assert warnings.count == 4
    assert [(one.row, one.column, one.code) for one in warnings.items] == [
        (0, "size", "outside-range"),
        (0, "colour", "unseen-category"),
        (2, "size", "missing-filled"),
        (2, "colour", "unseen-category"),
    ]


def test_at_most_a_hundred_warnings_of_mixed_columns_are_listed_and_all_are_counted():
    warnings = RANGES.in_columns([[11.0] * 80, ["blue"] * 80])
    assert (len(warnings.items), warnings.count) == (100, 160)
    assert [one.row for one in warnings.items] == [row // 2 for row in range(100)]


def test_the_limits_seen_in_training_are_within_the_range():
    assert RANGES.in_columns([[0.0, 10.0], ["red", "red"]]).count == 0


def test_each_stretch_of_rows_has_its_own_warnings_counted_from_its_start():
    warnings = RANGES.in_columns([[5.0, 11.0, 12.0, 13.0], ["red"] * 4])
    own = of_rows(warnings, 1, 3)
    assert ([one.row for one in own.items], own.count) == ([0, 1], 2)
