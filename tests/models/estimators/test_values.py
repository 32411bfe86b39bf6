"""Columns of objects, and of pandas' and pyarrow's types, are features and labels."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

from models import Classifier, Regressor
from models.estimators.matrices import features_table

N = 40
RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, N))
LABELS = (A > 0).astype(int)
DAYS = [datetime.date(2020, 1, 1) + datetime.timedelta(days=k) for k in range(N)]
BERLIN = datetime.timezone(datetime.timedelta(hours=1))


class NotAvailable:
    """As pandas' NA: its comparisons are itself, and it is neither true nor false."""

    def __eq__(self, other):
        return self

    def __ne__(self, other):
        return self

    __hash__ = object.__hash__

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")


NA = NotAvailable()


class ObjectFrame:
    """A data frame of object columns, as pandas' are whose types NumPy does not know."""

    def __init__(self, **columns):
        self.columns = list(columns)
        self._values = columns

    def __getitem__(self, name):
        column = np.empty(len(self._values[name]), dtype=object)
        column[:] = self._values[name]
        return column


COLUMNS = {
    "text with NA": (["x", NA] * 20, "category", True),
    "boolean with NA": ([True, False, NA, True] * 10, "boolean", True),
    "number with NA": ([1, NA] * 20, "number", True),
    "int8": ([np.int8(k % 5) for k in range(N)], "number", False),
    "decimal": ([Decimal(k) / 7 for k in range(N)], "number", False),
    "decimal with NaN": ([Decimal("NaN") if k % 9 == 0 else Decimal(k) for k in range(N)], "number", True),
    "fraction": ([Fraction(k, 7) for k in range(N)], "number", False),
    "date": (DAYS, "date", False),
    "date with a gap": ([None, *DAYS[1:]], "date", True),
    "moment": ([datetime.datetime(2020, 1, day, 12) for day in range(1, 11)] * 4, "date", False),
    "moment in a zone": ([datetime.datetime(2020, 1, 1, k % 24, tzinfo=BERLIN) for k in range(N)], "date", False),
}


@pytest.mark.parametrize(("values", "type_", "nullable"), COLUMNS.values(), ids=COLUMNS)
def test_objects_of_every_kind_are_features(values, type_, nullable):
    frame = ObjectFrame(a=A.tolist(), c=values)
    fitted = Classifier(hidden=(4,), epochs=2).fit(frame, LABELS)
    feature = fitted.trained_.signature.features[1]
    assert (feature.type, feature.nullable) == (type_, nullable)
    assert np.isfinite(fitted.predict_proba(frame)).all()


def test_only_missing_values_are_missing():
    table = features_table(ObjectFrame(known=[True, False, NA], number=[0, NA, 1], text=["", NA, "NA"]))
    assert table["known"].missing.tolist() == [False, False, True]
    assert table["number"].missing.tolist() == [False, True, False]
    assert table["text"].values.tolist() == ["", None, "NA"]


def test_a_moment_in_a_zone_is_that_moment_in_utc():
    frame = ObjectFrame(moment=[datetime.datetime(2020, 1, 1, 0, 30, tzinfo=BERLIN)])
    assert features_table(frame)["moment"].values.tolist() == [datetime.datetime(2019, 12, 31, 23, 30)]


def test_a_table_of_pyarrow_with_all_its_types_is_a_frame():
    table = pa.table(
        {
            "small": pa.array([k % 3 for k in range(N)], pa.int8()),
            "price": pa.array([Decimal(k) / 4 for k in range(N)], pa.decimal128(8, 2)),
            "day": pa.array(DAYS, pa.date32()),
            "moment": pa.array([datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)] * N, pa.timestamp("us", "UTC")),
            "known": pa.array([None, True] * 20, pa.bool_()),
            "text": pa.array([None, "x"] * 20),
        }
    )
    fitted = Regressor(hidden=(4,), epochs=2).fit(table, A)
    types = [feature.type for feature in fitted.trained_.signature.features]
    assert types == ["number", "number", "date", "date", "boolean", "category"]
    assert np.isfinite(fitted.predict(table)).all()


@pytest.mark.parametrize(
    "labels",
    [
        [np.int8(k % 3) for k in range(N)],
        [Decimal(k % 2) / 2 for k in range(N)],
        [day.replace(day=1) for day in DAYS],
        [bool(k % 2) for k in range(N)],
    ],
    ids=["int8", "decimal", "date", "boolean"],
)
def test_objects_of_every_kind_are_classes(labels):
    y = np.empty(N, dtype=object)
    y[:] = labels
    fitted = Classifier(hidden=(4,), epochs=2).fit(np.column_stack([A, B]), y)
    assert fitted.classes_.tolist() == sorted(set(labels))
    assert set(fitted.predict(np.column_stack([A, B])).tolist()) <= set(labels)


@pytest.mark.parametrize("kind", [Classifier, Regressor])
@pytest.mark.parametrize("missing", [NA, None, float("nan")], ids=["NA", "None", "NaN"])
def test_a_missing_label_is_refused_by_fit_and_score(kind, missing):
    x, y = np.column_stack([A, B]), LABELS.astype(object)
    fitted = kind(hidden=(4,), epochs=2).fit(x, y)
    y[3] = missing
    for call in (kind(epochs=2).fit, fitted.score):
        with pytest.raises(ValueError, match="Input y contains NaN"):
            call(x, y)


def test_a_date_is_no_number_to_predict():
    with pytest.raises(ValueError, match="y contains dates"):
        Regressor(epochs=2).fit(A[:, None], np.array(DAYS, dtype="datetime64[D]"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([b"x"] * N, "'c' of X holds values of type bytes"),
        ([datetime.timedelta(days=k) for k in range(N)], "'c' of X holds values of type timedelta"),
        ([[k] for k in range(N)], "'c' of X holds values of type list"),
        ([1j] * N, "'c' of X holds values of type complex"),
        ([*DAYS[1:], "today"], "'c' of X holds values of type date"),
        (["a", 1] * 20, "'c' of X mixes texts"),
    ],
    ids=["bytes", "duration", "list", "complex", "date and text", "text and number"],
)
def test_values_that_cannot_be_read_are_a_value_error_with_their_column(values, message):
    with pytest.raises(ValueError, match=message):
        Classifier(epochs=2).fit(ObjectFrame(a=A.tolist(), c=values), LABELS)


@pytest.mark.parametrize("dtype", ["timedelta64[D]", "complex128", "S1"])
def test_arrays_that_cannot_be_read_are_a_value_error_with_their_column(dtype):
    with pytest.raises(ValueError, match="'c' of X holds values of type"):
        Classifier(epochs=2).fit({"c": np.arange(N).astype(dtype)}, LABELS)
