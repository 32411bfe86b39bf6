"""The quick reading of text cells gives what the plain rules of `models.data.text_values` give."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.columns import Column, infer_column
from models.data.text_values import parse_text_column
from models.errors import BadColumn
from service.datasets.formats.arrow_text import cells_of_text, values_of_text

NUMBERS = st.one_of(
    st.integers(-(10**18), 10**18).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["+1", "1.", ".5", "-.5e-3", "007", " 3 ", "1e400", "-0", "1e-400", "\t4"]),
)
MISSING = st.sampled_from(["", " ", "NA", "NaN", "nan", "null", " NA "])
BOOLEANS = st.sampled_from(["true", "FALSE", "True", " false "])
TEXTS = st.one_of(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5), st.just("inf"))
CELLS = st.one_of(
    st.lists(st.one_of(NUMBERS, MISSING), min_size=1),
    st.lists(st.one_of(BOOLEANS, MISSING), min_size=1),
    st.lists(st.one_of(NUMBERS, BOOLEANS, MISSING, TEXTS), min_size=1),
)
TYPES = st.sampled_from([None, "number", "boolean", "category"])


@given(CELLS, TYPES, st.integers(1, 7))
def test_quick_and_plain_reading_agree(cells, type_, size):
    blocks = [pa.array(cells[start : start + size], pa.string()) for start in range(0, len(cells), size)]
    assert outcome(values_of_text(blocks, type_)) == outcome(parse_text_column(cells, type_))


def outcome(values) -> object:
    """The column that the values make, or the rows that keep them from being one."""
    try:
        column = infer_column("a", values)
    except BadColumn as error:
        return error.rows
    return column.type, shown(column)


def shown(column: Column) -> list[str]:
    return [repr(value) for value in column.values.tolist()]


@pytest.mark.parametrize(
    ("cells", "plain"),
    [
        (["1e-05", "0.5", ""], [1e-05, 0.5, np.nan]),
        (["1e5", "-3"], [1e5, -3.0]),
        (["1E3", "2E4"], None),
        (["02134", "1.5"], [2134.0, 1.5]),
        (["02134", "15"], None),
        ([" 1.5", "2 "], [1.5, 2.0]),
        (["1", "inf"], None),
        (["1", "nan"], None),
        (["1234567890123456789", "1"], None),
    ],
)
def test_numbers_that_are_no_codes_are_read_at_once_and_others_as_texts(cells, plain):
    read = cells_of_text([pa.array(cells)])
    assert isinstance(read, np.ndarray) is (plain is not None)
    if plain is not None:
        np.testing.assert_array_equal(read, plain)
