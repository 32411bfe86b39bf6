"""Each row with a wrong value is described by itself, the likeliest typing mistake first."""

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.reading.cells import TextCells
from models.data.reading.options import ReadingOptions
from models.data.reading.table import find_table
from models.errors import BadColumn
from models.specification import ColumnOverride

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
