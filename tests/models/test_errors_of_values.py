"""Each row with a wrong value is described by itself, the likeliest typing mistake first."""

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.reading.cells import TextCells
from models.data.reading.options import ReadingOptions
from models.data.reading.table import find_table
from models.errors import BadColumn
from models.preparation.prepare import prepare
from models.specification import ColumnOverride, Recipe, TrainingSpecification, ValidationSpecification

OVERRIDES = {
    "number": (ColumnOverride(type="number"), "12"),
    "boolean": (ColumnOverride(type="boolean"), "true"),
    "date": (ColumnOverride(type="date"), "2024-02-29"),
    "written date": (ColumnOverride(type="date", format="%d.%m.%Y"), "29.02.2024"),
}


@pytest.mark.parametrize(
    ("kind", "as_json"), [*((kind, False) for kind in OVERRIDES), ("date", True), ("written date", True)]
)
def test_each_error_has_its_own_row_and_value(kind, as_json):
    override, right = OVERRIDES[kind]
    texts = [right, "unknown", right, "unknown", "1x2", "unknown"]
    with pytest.raises(BadColumn) as caught:
        find_table({"a": texts if as_json else TextCells.of(texts)}, ReadingOptions({"a": override}))
    messages = dict(caught.value.row_messages())
    assert (caught.value.rows, list(messages)) == ([1, 3, 4, 5], [4, 1, 3, 5])
    assert all(f"{texts[row]!r} in row {row}" in message for row, message in messages.items())
    assert "'1x2' in row 4" in caught.value.message
    assert "3 more rows" in caught.value.message


def test_each_row_that_misses_a_value_or_has_a_wrong_weight_is_named():
    columns = {"x": [float(k) for k in range(40)], "y": [k % 2 for k in range(40)]}
    day = infer_table({**columns, "day": [None if k in (3, 7) else float(k) for k in range(40)]})
    weights = infer_table({**columns, "w": [-1.5 if k == 5 else -2.0 if k in (2, 9) else 1.0 for k in range(40)]})
    by_time = Recipe(label="y", validation=ValidationSpecification(method="time", column="day"))
    weighted = Recipe(label="y", training=TrainingSpecification(sample_weight="w"))
    for table, recipe, phrases in (
        (day, by_time, ["missing in row 3", "missing in row 7"]),
        (weights, weighted, ["is -1.5 in row 5", "is -2.0 in row 2", "is -2.0 in row 9"]),
    ):
        with pytest.raises(BadColumn) as caught:
            prepare(table, recipe)
        messages = [message for _, message in caught.value.row_messages()]
        assert all(phrase in message for phrase, message in zip(phrases, messages, strict=True))


def test_a_text_among_numbers_in_json_is_named_with_its_row():
    values = [1.5, "oops", 2.5, "unknown", "unknown", *range(30)]
    with pytest.raises(BadColumn) as caught:
        infer_table({"a": values})
    assert [row for row, _ in caught.value.row_messages()] == [1, 3, 4]
    assert "'oops' in row 1" in caught.value.message


def test_of_many_wrong_rows_twenty_are_described_and_all_counted():
    texts = ["1"] * 100_000 + ["unknown"] * 5_000 + ["1,x"] + ["unknown"] * 5_000
    with pytest.raises(BadColumn, match="10,000 more rows") as caught:
        find_table({"a": TextCells.of(texts)}, ReadingOptions({"a": ColumnOverride(type="number")}))
    assert (len(caught.value.rows), len(caught.value.row_messages())) == (10_001, 20)
    assert caught.value.row_messages()[0][0] == 105_000


def test_an_infinite_number_and_one_too_large_are_called_what_they_are():
    with pytest.raises(BadColumn, match="infinite number -inf in row 1"):
        infer_table({"a": np.array([1.0, -np.inf, 2.0])})
    with pytest.raises(BadColumn, match="too large for float64: 1000"):
        infer_table({"a": [0.5, 10**400]}, {"a": ColumnOverride(type="number")})
    with pytest.raises(BadColumn, match="too large for float64: '1e999' in row 1"):
        find_table({"a": TextCells.of(["1", "1e999"])}, ReadingOptions())
