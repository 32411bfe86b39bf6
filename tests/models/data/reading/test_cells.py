"""Cells of text: spaces around them belong to no value, in training and whenever rows are read again."""

import pytest

from models.data.reading.cells import TextCells
from models.data.reading.options import ReadingOptions
from models.data.reading.table import find_table, read_values
from models.specification import ColumnOverride


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0", "  "])
def test_spaces_around_a_text_are_cut_alike_in_training_and_later(space):
    trained = find_table({"c": TextCells.of([f"{space}red", f"blue{space}", "red", space])}, ReadingOptions())["c"]
    assert trained.values.tolist() == ["red", "blue", "red", None]
    later = read_values("c", TextCells.of([f"red{space}", "blue"]), trained.reading or ColumnOverride())
    assert later.values.tolist() == ["red", "blue"]


def test_codes_keep_all_but_the_spaces_around_them():
    column = find_table({"zip": TextCells.of([" 02134", "00501 ", "10001"])}, ReadingOptions())["zip"]
    assert (column.type, column.values.tolist()) == ("category", ["02134", "00501", "10001"])


def test_spaces_within_a_text_stay():
    assert find_table({"c": TextCells.of([" New  York "])}, ReadingOptions())["c"].values.tolist() == ["New  York"]
