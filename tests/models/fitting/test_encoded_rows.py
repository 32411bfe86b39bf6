"""Held-out rows are encoded as the training rows are, and numbers too large for the network are reported."""

import numpy as np
import pytest

from models.data.columns import infer_table
from models.errors import BadColumn
from models.fitting.encoded_rows import encode_held_out, encode_rows
from models.fitting.fit import prepare
from models.specification import NetworkSpecification, Recipe, ValidationSpecification

N = 40


def prepared_with(x, dtype="float32", scaling="none", y=None, **validation):
    """A training of two features, a text and `x`, without scaling."""
    table = infer_table({"t": ["a", "b"] * (N // 2), "x": x, "y": np.arange(float(N)) if y is None else y})
    validation = ValidationSpecification(**({"fraction": 0.0} | validation))
    return prepare(
        table, Recipe(label="y", scaling=scaling, network=NetworkSpecification(dtype=dtype), validation=validation)
    )


def with_value(value, row=7):
    values = np.arange(float(N))
    values[row] = value
    return values


# The largest square of float32 is 3.4e38, so that 1.8e16, a thousandth of its root, is about the limit.
@pytest.mark.parametrize(
    ("value", "dtype", "is_accepted"),
    [
        (1.8e16, "float32", True),
        (-1.8e16, "float32", True),
        (1.9e16, "float32", False),
        (-1.9e16, "float32", False),
        (1.9e16, "float64", True),
        (1.4e151, "float64", False),
    ],
)
def test_a_number_whose_square_does_not_fit_is_reported_with_its_row(value, dtype, is_accepted):
    prepared = prepared_with(with_value(value), dtype)
    rows = np.arange(N)[5:]
    table = {name: column.take(rows) for name, column in prepared.table.items()}
    if is_accepted:
        assert encode_rows(prepared, table, rows).inputs.shape == (N - 5, 3)
        return
    with pytest.raises(BadColumn) as error:
        encode_rows(prepared, table, rows)
    assert (error.value.column, error.value.rows) == ("x", [7])


def test_a_label_too_large_is_reported_by_its_name_and_without_row_numbers_by_its_place():
    prepared = prepared_with(np.arange(float(N)), y=with_value(1.9e16))
    with pytest.raises(BadColumn) as error:
        encode_rows(prepared, prepared.table, None)
    assert (error.value.column, error.value.rows) == ("y", [7])


def test_the_rows_of_the_split_are_held_out_unless_there_is_a_table_for_that():
    prepared = prepared_with(np.arange(float(N)), fraction=0.25)
    held_out = encode_held_out(prepared)
    np.testing.assert_array_equal(held_out.inputs[:, 2], prepared.split.validation)
    assert encode_held_out(prepared_with(np.arange(float(N)))) is None


def test_a_validation_table_is_held_out_whole_and_without_weights():
    other = infer_table({"t": ["b", "z"], "x": [5.0, 6.0], "y": [1.0, 2.0]})
    table = infer_table({"t": ["a", "b"] * 20, "x": np.arange(40.0), "w": np.arange(40.0), "y": np.arange(40.0)})
    recipe = Recipe.from_json(
        {
            "label": "y",
            "features": ["t", "x"],
            "scaling": "none",
            "training": {"sample_weight": "w"},
            "validation": {"dataset": "other"},
        }
    )
    held_out = encode_held_out(prepare(table, recipe, other))
    assert held_out.inputs.tolist() == [[0.0, 1.0, 5.0], [0.0, 0.0, 6.0]]
    assert held_out.weight is None
