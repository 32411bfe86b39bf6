"""The quick reader and the version's types take the same inputs and read the same values."""

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st

from models.data.signature import FeatureSignature, OutputSignature, Signature
from service.problems import InvalidInput
from service.serving.row_reader import RowReader, matrix_of_rows

OUTPUTS = (OutputSignature("y", "number"),)
NUMBERS = RowReader(Signature((FeatureSignature("a", "number", False), FeatureSignature("b", "number", True)), OUTPUTS))
ALONE = RowReader(Signature((FeatureSignature("a", "number", False),), OUTPUTS))
MIXED = RowReader(
    Signature(
        (
            FeatureSignature("a", "number", False),
            FeatureSignature("b", "boolean", False),
            FeatureSignature("c", "category", False, categories=("x",)),
        ),
        OUTPUTS,
    )
)

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
)
rows = st.one_of(
    st.dictionaries(st.sampled_from("abcd"), values, max_size=4),
    st.fixed_dictionaries({"a": st.floats(-5, 5), "b": st.integers(-5, 5)}),
    st.fixed_dictionaries({"a": st.integers(0, 5), "b": st.booleans(), "c": st.text(max_size=2)}),
    st.lists(values, max_size=4),
    values,
)


@given(st.lists(rows, min_size=1, max_size=4))
def test_what_the_quick_reader_takes_the_types_read_alike(inputs):
    sent = orjson.loads(orjson.dumps(inputs, option=orjson.OPT_NON_STR_KEYS, default=float)) if fits(inputs) else inputs
    for reader in (NUMBERS, ALONE, MIXED):
        quick = reader.find_rows(sent)
        if quick is None:
            continue
        checked = reader.read(sent, ("body",))
        assert [tuple(row) for row in quick] == [tuple(row) for row in checked]


@given(st.lists(rows, min_size=1, max_size=4))
def test_what_the_types_refuse_the_quick_reader_does_not_take(inputs):
    for reader in (NUMBERS, ALONE, MIXED):
        try:
            reader.read(inputs, ("body",))
        except InvalidInput:
            assert reader.find_rows(inputs) is None


def test_rows_become_a_matrix_with_nan_for_null():
    matrix = matrix_of_rows([(1, 2.5), (3, None)])
    np.testing.assert_array_equal(matrix, [[1.0, 2.5], [3.0, np.nan]])


def fits(inputs: object) -> bool:
    try:
        orjson.dumps(inputs)
    except (TypeError, orjson.JSONEncodeError):
        return False
    return True
