"""The columns of X have the names of `fit`, or a warning or an error says otherwise: scikit-learn's own words."""

import warnings

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from models import Classifier, Regressor

N = 40
A, B = np.random.default_rng(0).normal(size=(2, N))
LABELS = (A > 0).astype(int)


class NumberedFrame:
    """A data frame whose columns need not have texts as names."""

    def __init__(self, columns):
        self.columns, self._values = list(columns), columns

    def __getitem__(self, name):
        return self._values[name]


@pytest.mark.parametrize("names", [["a", "a"], ["a", "b", "a"]])
def test_two_columns_of_one_name_are_refused(names):
    table = pa.Table.from_arrays([pa.array(A)] * len(names), names=names)
    with pytest.raises(ValueError, match="more than one column 'a'"):
        Classifier(epochs=2).fit(table, LABELS)


def test_names_of_a_text_and_of_a_number_are_refused_and_numbers_alone_are_no_names():
    with pytest.raises(TypeError, match="string names"):
        Classifier(epochs=2).fit(NumberedFrame({"a": A, 1: B}), LABELS)
    fitted = Classifier(epochs=2).fit(NumberedFrame({7: A, 8: B}), LABELS)
    assert not hasattr(fitted, "feature_names_in_")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.predict(np.column_stack([A, B]))


def frame(**columns):
    return pa.table({name: pa.array(values) for name, values in columns.items()})


MATRIX = np.column_stack([A, B])
NAMED = frame(a=A, b=B)
OTHER_FRAMES = {
    "another order": frame(b=B, a=A),
    "one too many": frame(a=A, b=B, c=A),
    "one too few": frame(a=A),
    "another name": frame(a=A, q=B),
}


@pytest.mark.parametrize("kind", [Classifier, Regressor])
@pytest.mark.parametrize(("first", "second"), [(NAMED, MATRIX), (MATRIX, NAMED)], ids=["frame first", "array first"])
def test_names_on_one_side_alone_are_warned_of_as_by_scikit_learn(kind, first, second):
    fitted, peer = kind(epochs=2).fit(first, LABELS), LogisticRegression().fit(first, LABELS)
    with pytest.warns(UserWarning, match="feature names") as expected:
        peer.predict(second)
    with pytest.warns(UserWarning, match="feature names") as found:
        predicted = fitted.predict(second)
    told = str(expected[0].message).replace("LogisticRegression", kind.__name__)
    assert [str(warning.message) for warning in found] == [told]
    np.testing.assert_array_equal(predicted, fitted.predict(first))


@pytest.mark.parametrize("kind", [Classifier, Regressor])
@pytest.mark.parametrize("other", OTHER_FRAMES.values(), ids=OTHER_FRAMES)
def test_other_names_than_those_of_fit_are_refused_as_by_scikit_learn(kind, other):
    with pytest.raises(ValueError, match="feature names should match") as expected:
        LogisticRegression().fit(NAMED, LABELS).predict(other)
    with pytest.raises(ValueError, match="feature names should match") as found:
        kind(epochs=2).fit(NAMED, LABELS).predict(other)
    assert str(found.value) == str(expected.value)


def test_the_columns_of_a_mapping_are_found_by_name_in_any_order():
    fitted = Regressor(epochs=2).fit({"a": A, "b": B}, A)
    np.testing.assert_array_equal(fitted.predict({"b": B, "a": A}), fitted.predict({"a": A, "b": B}))
