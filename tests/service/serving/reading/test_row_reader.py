"""The quick reader and the version's types take the same inputs and read the same values."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.signature import FeatureSignature, OutputSignature, Signature
from service.problems import InvalidInput
from service.serving.reading.row_reader import RowReader, matrix_of_rows

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

TEXTS = RowReader(
    Signature(tuple(FeatureSignature(name, "category", False, categories=("x",)) for name in "ab"), OUTPUTS)
)
PLAIN = [
    (NUMBERS, [[1, 2.5]], [(1, 2.5)]),
    (NUMBERS, [{"b": 2, "a": 1}, {"a": 3, "b": 4}], [(1, 2), (3, 4)]),
    (NUMBERS, [[1, 2], [3, 4]], [(1, 2), (3, 4)]),
    (ALONE, [{"a": 1}, {"a": 2}], [(1,), (2,)]),
    (MIXED, [{"c": "x", "b": True, "a": 1}], [(1, True, "x")]),
    (TEXTS, [["x", "y"], ["u", "v"]], [("x", "y"), ("u", "v")]),
]

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
        assert [tuple(map(as_float64, row)) for row in quick] == [tuple(map(as_float64, row)) for row in checked]


def as_float64(value: object) -> object:
    """What a network reads: of whole numbers beyond 2^53, the nearest float64."""
    return float(value) if type(value) is int else value


@given(st.lists(rows, min_size=1, max_size=4))
def test_what_the_types_refuse_the_quick_reader_does_not_take(inputs):
    for reader in (NUMBERS, ALONE, MIXED):
        try:
            reader.read(inputs, ("body",))
        except InvalidInput:
            assert reader.find_rows(inputs) is None


@pytest.mark.parametrize(("reader", "inputs", "expected"), PLAIN)
def test_the_quick_reader_takes_plain_rows(reader, inputs, expected):
    assert reader.find_rows(inputs) == expected


@pytest.mark.parametrize("inputs", [[[1], [1, 2, 3]], [[1, 2, 3], [1]], [[1, 2], [3]], [[], [1, 2, 3, 4]]])
def test_rows_of_unequal_lengths_are_refused_and_never_reshaped(inputs):
    assert NUMBERS.find_rows(inputs) is None
    with pytest.raises(InvalidInput):
        NUMBERS.read(inputs, ("body",))


@pytest.mark.parametrize("inputs", [[["x", "y"], {"a": "u", "b": "v"}], [{"a": "x", "b": "y"}, ["u", "v"]]])
def test_an_object_among_lists_is_read_by_its_names(inputs):
    assert (TEXTS.find_rows(inputs) or TEXTS.read(inputs, ("body",))) == [("x", "y"), ("u", "v")]


def test_a_text_is_never_taken_for_a_list_of_its_letters():
    assert TEXTS.find_rows([["x", "y"], "uv"]) is None
    with pytest.raises(InvalidInput):
        TEXTS.read([["x", "y"], "uv"], ("body",))


def test_rows_become_a_matrix_with_nan_for_null():
    matrix = matrix_of_rows([(1, 2.5), (3, None)])
    np.testing.assert_array_equal(matrix, [[1.0, 2.5], [3.0, np.nan]])


def fits(inputs: object) -> bool:
    try:
        orjson.dumps(inputs)
    except (TypeError, orjson.JSONEncodeError):
        return False
    return True
