"""What may be passed as X and y: frames with gaps fit, and each input that cannot be used has its own message."""

import numpy as np
import pytest

from models import Regressor
from models.estimators.matrices import features_table, label_matrix, label_vector, weight_vector


class Frame:
    """A data frame, as far as an estimator reads one."""

    def __init__(self, **columns):
        self.columns = list(columns)
        self._values = {name: np.asarray(values) for name, values in columns.items()}

    def __getitem__(self, name):
        return self._values[name]


def objects(*values):
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def test_a_frame_gives_its_columns_by_name_and_its_gaps_as_missing():
    frame = Frame(size=np.array([1.5, np.nan]), colour=objects("red", np.nan), shape=objects(None, "round"))
    table = features_table(frame)
    assert {name: column.type for name, column in table.items()} == {
        "size": "number",
        "colour": "category",
        "shape": "category",
    }
    assert table["colour"].values.tolist() == ["red", None]
    assert table["shape"].values.tolist() == [None, "round"]
    assert table["size"].missing.tolist() == [False, True]


def test_a_frame_with_gaps_trains_and_predicts():
    frame = Frame(x=np.array([0.0, 1.0, np.nan, 3.0] * 10), c=objects(*["a", "b", np.nan, "a"] * 10))
    fitted = Regressor(hidden=(2,), epochs=2).fit(frame, np.arange(40.0))
    assert fitted.feature_names_in_.tolist() == ["x", "c"]
    assert np.isfinite(fitted.predict(frame)).all()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ({}, r"0 feature\(s\)"),
        (Frame(), r"0 feature\(s\)"),
        ([[1.0, np.inf], [1.0, 2.0]], "infinity"),
        ([[1j, 2]], "Complex"),
        ([1.0, 2.0], "Expected 2D array, got 1D"),
        (np.zeros((0, 2)), r"0 sample\(s\)"),
        (np.zeros((2, 0)), r"0 feature\(s\)"),
    ],
)
def test_features_that_cannot_be_used_are_rejected(x, message):
    with pytest.raises(ValueError, match=message):
        features_table(x)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "y is None"),
        ([1j, 2], "Complex"),
        ([1, 2, 3], "inconsistent"),
        (np.zeros((2, 1, 1)), "inconsistent"),
        (np.zeros((2, 2)), "1d array"),
    ],
)
def test_labels_that_cannot_be_used_are_rejected(y, message):
    with pytest.raises(ValueError, match=message):
        label_vector(y, 2)


@pytest.mark.parametrize(("value", "message"), [(np.nan, "contains NaN"), (-np.inf, "contains infinity")])
def test_a_number_to_predict_must_be_finite(value, message):
    with pytest.raises(ValueError, match=message):
        label_matrix([1.0, value], 2)


@pytest.mark.parametrize(("weight", "message"), [([1.0], "1D"), ([0, 0], "zero"), (0, "zero")])
def test_weights_that_cannot_be_used_are_rejected(weight, message):
    with pytest.raises(ValueError, match=message):
        weight_vector(weight, 2)


def test_some_rows_may_weigh_nothing():
    assert weight_vector([1, 0], 2).tolist() == [1.0, 0.0]


def test_one_weight_stands_for_every_row():
    assert weight_vector(3, 2).tolist() == [3.0, 3.0]
