"""Encoders learn from training rows only, do what the formula says, and survive a round trip through JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from models.data.columns import Column, infer_table, take_rows
from models.data.features import Preprocessing
from models.data.features.categories import CategoryEncoder
from models.data.features.dates import DateEncoder
from models.data.features.numbers import NumberEncoder
from models.data.features.statistics import fill_value, mean, spread
from models.errors import BadColumn, BadRecipe, UnknownColumn
from models.specification import ColumnOverride, ColumnScaling

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50)


@pytest.mark.parametrize(
    ("scaling", "peer"), [("standard", StandardScaler()), ("minmax", MinMaxScaler()), ("robust", RobustScaler())]
)
@given(values=NUMBERS, others=NUMBERS)
def test_numbers_are_scaled_as_scikit_learn_scales_them(scaling, peer, values, others):
    if np.std(values) < 1e-6 * max(1.0, np.abs(values).max()) or np.ptp(np.quantile(values, [0.25, 0.75])) < 1e-3:
        return
    encoder = NumberEncoder.learn(Column("x", "number", np.array(values)), scaling)
    expected = peer.fit(np.array(values)[:, None]).transform(np.array(others)[:, None])
    np.testing.assert_allclose(encoder.encode(np.array(others)), expected, rtol=1e-9, atol=1e-9)


def test_a_column_without_spread_is_only_shifted():
    encoder = NumberEncoder.learn(Column("x", "number", np.full(3, 0.1)), "standard")
    np.testing.assert_allclose(encoder.encode(np.array([0.1, 1.1])), [[0.0], [1.0]], atol=1e-15)


def test_given_scaling_is_shift_then_scale_and_columns_not_named_stay():
    table = infer_table({"weight": [133.0, 160.0], "age": [3.0, 4.0]})
    made = Preprocessing.fit(table, ["weight", "age"], {"weight": ColumnScaling(shift=135, scale=2)})
    np.testing.assert_array_equal(made.transform(table), [[-1.0, 3.0], [12.5, 4.0]])


@pytest.mark.parametrize(("rule", "expected"), [("mean", 2.5), ("median", 2.0), ("mode", 1.0)])
def test_a_missing_number_is_filled_by_its_rule(rule, expected):
    assert fill_value(np.array([1.0, 1.0, 3.0, 5.0]), rule) == expected


def test_missing_numbers_are_filled_and_flagged_where_training_met_them():
    column = Column("x", "number", np.array([1.0, np.nan, 3.0]))
    encoder = NumberEncoder.learn(column, "none")
    np.testing.assert_array_equal(encoder.encode(column.values), [[1, 0], [2, 1], [3, 0]])


def test_missing_booleans_are_the_commonest_and_flagged():
    table = infer_table({"b": [True, True, None, False]})
    made = Preprocessing.fit(table, ["b"], "standard")
    np.testing.assert_array_equal(made.transform(table), [[1, 0], [1, 0], [1, 1], [0, 0]])


def test_categories_are_one_hot_and_a_level_never_seen_is_zeros():
    encoder = CategoryEncoder.learn(infer_table({"c": ["b", "a", None]})["c"])
    encoded = encoder.encode(np.array(["a", "b", None, "z"], dtype=object))
    np.testing.assert_array_equal(encoded, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]])


def test_too_many_levels_are_refused_with_advice():
    with pytest.raises(BadColumn, match="leave it out"):
        CategoryEncoder.learn(infer_table({"id": [f"n{k}" for k in range(101)]})["id"])


def test_exactly_a_hundred_levels_have_an_input_each():
    assert CategoryEncoder.learn(infer_table({"id": [f"n{k}" for k in range(100)]})["id"]).width == 100


def test_without_gaps_there_is_no_input_for_them():
    assert CategoryEncoder.learn(infer_table({"c": ["b", "a"]})["c"]).width == 2


def test_dates_lie_on_circles_whose_turn_is_the_cycle():
    moments = np.array(["2024-01-01T00:00", "2024-01-08T06:00", "2026-01-01T00:00"], dtype="datetime64[us]")
    encoder = DateEncoder.learn(Column("d", "date", moments))
    assert encoder.cycles == ("year", "week", "day")
    encoded = encoder.encode(moments)
    assert encoded.shape == (3, 7)
    week = encoded[:, 3:5]
    # a week and six hours later: a quarter of a day on, the same point of the week but for 1/28 of its turn
    turn = np.arctan2(week[1, 0], week[1, 1]) - np.arctan2(week[0, 0], week[0, 1])
    assert np.mod(turn, 2 * np.pi) == pytest.approx(2 * np.pi / 28)
    np.testing.assert_allclose(encoded[1, 5:7], [1.0, 0.0], atol=1e-9)  # six o'clock: a quarter turn of the day
    np.testing.assert_allclose(np.hypot(encoded[:, 1::2], encoded[:, 2::2]), 1.0)


def test_missing_dates_are_zeros_with_a_flag():
    moments = np.array(["2024-01-01", "NaT", "2024-01-03"], dtype="datetime64[us]")
    encoder = DateEncoder.learn(Column("d", "date", moments))
    np.testing.assert_allclose(encoder.encode(moments), [[-1, 0], [0, 1], [1, 0]])


def mixed_table(seed, n_rows=30):
    rng = np.random.default_rng(seed)
    days = np.array("2020-01-01", dtype="datetime64[us]") + rng.integers(0, 10**9, n_rows) * np.timedelta64(1, "s")
    raw = {
        "n": np.where(rng.random(n_rows) < 0.2, np.nan, rng.normal(size=n_rows)),
        "b": [None if rng.random() < 0.2 else bool(rng.random() < 0.5) for _ in range(n_rows)],
        "c": [None if rng.random() < 0.2 else str(rng.choice(["a", "b", "ü"])) for _ in range(n_rows)],
        "d": days,
    }
    return infer_table(raw, {"d": ColumnOverride(type="date")})


@given(st.integers(0, 2**32), st.sampled_from(["standard", "minmax", "robust", "none"]))
def test_preprocessing_through_json_gives_the_same_bits(seed, scaling):
    table = mixed_table(seed)
    made = Preprocessing.fit(table, list(table), scaling)
    again = Preprocessing.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert again.transform(table).tobytes() == made.transform(table).tobytes()
    assert made.transform(table).shape == (30, made.n_inputs)


@given(st.integers(0, 2**32))
def test_a_row_alone_is_encoded_as_among_others(seed):
    table = mixed_table(seed)
    made = Preprocessing.fit(table, list(table), "standard")
    alone = [made.transform(take_rows(table, np.array([row]))) for row in range(30)]
    assert np.concatenate(alone).tobytes() == made.transform(table).tobytes()


@given(st.integers(0, 2**32), st.sampled_from([1, 20, 200]), st.sampled_from([3, 9]), st.booleans())
def test_a_matrix_of_numbers_is_encoded_as_its_columns_are(seed, n_rows, n_features, with_missing):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n_rows, n_features)) * np.resize([1, 1e6, 1e-6], n_features)
    if with_missing:
        matrix[::3, 1] = np.nan
    names = "abcdefghi"[:n_features]
    table = infer_table({name: matrix[:, k] for k, name in enumerate(names)})
    made = Preprocessing.fit(table, names, "standard")
    assert made.numbers_transform()(matrix).tobytes() == made.transform(table).tobytes()


@pytest.mark.parametrize("value", [{"type": "colour"}, {"type": 1}, {}, "number", None])
def test_a_stored_feature_of_an_unknown_type_is_rejected(value):
    with pytest.raises(BadRecipe) as error:
        Preprocessing.from_json([value])
    assert error.value.location == ["preprocessing"]
    assert "is not a type of feature" in error.value.message


@pytest.mark.parametrize("value", [[], {}, None])
def test_a_stored_preprocessing_has_at_least_one_feature(value):
    with pytest.raises(BadRecipe, match="list of features"):
        Preprocessing.from_json(value)


def test_a_feature_that_is_not_in_the_data_is_reported_by_its_name():
    table = infer_table({"x": [1.0, 2.0]})
    with pytest.raises(UnknownColumn, match="'x'"):
        Preprocessing.fit(table, ["x"], "standard").transform(infer_table({"z": [1.0]}))


def test_the_range_and_the_levels_of_the_training_rows_are_shown_to_callers():
    table = infer_table({"n": [3.0, None, 1.0], "c": ["b", "a", "b"], "e": [None, None, None]})
    number, category, empty = Preprocessing.fit(table, ["n", "c", "e"], "standard").signatures()
    assert (number.minimum, number.maximum, number.nullable) == (1.0, 3.0, True)
    assert (category.categories, category.nullable) == (("a", "b"), False)
    assert (empty.minimum, empty.maximum, empty.nullable) == (None, None, True)


@pytest.mark.parametrize(
    ("last", "cycles"),
    [
        ("2024-01-07T00:00", ()),
        ("2024-01-08T00:00", ("week",)),
        ("2024-01-07T23:00", ("day",)),
        ("2024-12-31T00:00", ("week",)),
        ("2025-01-01T00:00", ("year", "week")),
    ],
)
def test_a_cycle_is_used_from_one_whole_turn_on(last, cycles):
    moments = np.array(["2024-01-01T00:00", last], dtype="datetime64[us]")
    assert DateEncoder.learn(Column("d", "date", moments)).cycles == cycles


def test_a_column_of_dates_without_any_is_encoded_as_missing():
    encoder = DateEncoder.learn(Column("d", "date", np.array(["NaT", "NaT"], dtype="datetime64[us]")))
    known = np.array(["1970-01-03", "NaT"], dtype="datetime64[us]")
    np.testing.assert_allclose(encoder.encode(known), [[2.0, 0.0], [0.0, 1.0]])


def test_equal_dates_are_only_shifted():
    encoder = DateEncoder.learn(Column("d", "date", np.array(["2024-01-01"] * 3, dtype="datetime64[us]")))
    np.testing.assert_allclose(encoder.encode(np.array(["2024-01-03"], dtype="datetime64[us]")), [[2.0]])


@pytest.mark.parametrize("size", [1e-200, 1e-100, 1.0, 1e100, 1e200, 1e307])
def test_mean_and_deviation_neither_overflow_nor_vanish(size):
    values = np.array([1.0, 2.0, 3.0, 6.0])
    assert mean(values * size) == pytest.approx(3.0 * size, rel=1e-12)
    assert spread(values * size) == pytest.approx(np.sqrt(3.5) * size, rel=1e-12)


def test_rounding_of_equal_values_is_no_deviation():
    assert spread(np.full(7, 0.1)) == 0.0
    assert spread(np.zeros(3)) == 0.0
    assert spread(np.array([1.0, 1.0 + 1e-12])) > 0


def test_of_equally_frequent_values_the_least_fills_and_without_values_0():
    assert fill_value(np.array([5.0, 2.0, 5.0, 2.0]), "mode") == 2.0
    assert fill_value(np.array([]), "mean") == 0.0
