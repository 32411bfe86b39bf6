"""A trained network takes raw rows in any form, gives the same answer in each, and serves many threads at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.columns import Column, infer_table, take_rows
from models.errors import BadColumn, BadLabel, UnknownColumn
from models.evaluation.evaluate import evaluate
from models.fitting.fit import fit, prepare
from models.inference.trained_network import plain_values
from models.specification import ColumnOverride, NetworkSpecification, Recipe, TrainingSpecification
from tests.support.training.tables import DATES, FEATURES, iris_raw, mixed_raw

SHORT = TrainingSpecification(epochs=10)


@pytest.fixture(scope="module")
def flowers(iris_table):
    return fit(prepare(iris_table, Recipe(label="species", training=SHORT))).trained


@pytest.fixture(scope="module")
def mixed(mixed_table):
    return fit(prepare(mixed_table, Recipe(label="bought", features=FEATURES, training=SHORT))).trained


@pytest.fixture(scope="module")
def matrix(iris_table):
    return np.column_stack([iris_table[name].values for name in iris_table if name != "species"])


def test_a_matrix_is_predicted_as_its_columns_are(flowers, iris_table, matrix):
    assert flowers.predict_matrix(matrix).tobytes() == flowers.predict(iris_table).tobytes()
    assert flowers.predict_matrix(matrix).dtype == np.float64


def test_raw_values_are_predicted_as_typed_columns_are(mixed, mixed_table):
    raw = {name: values for name, values in mixed_raw().items() if name in FEATURES}
    assert mixed.predict(raw).tobytes() == mixed.predict(mixed_table).tobytes()


def test_a_number_may_be_missing_in_a_matrix_where_training_met_one():
    raw = iris_raw()
    raw["petal_width"] = np.where(np.arange(150) % 7 == 0, np.nan, raw["petal_width"])
    trained = fit(prepare(infer_table(raw), Recipe(label="species", training=SHORT))).trained
    rows = np.column_stack([raw[name] for name in trained.signature.feature_names])
    assert trained.predict_matrix(rows).tobytes() == trained.predict(raw).tobytes()


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(1, 149))
def test_batches_split_and_joined_predict_the_same(flowers, matrix, cut):
    parts = [flowers.predict_matrix(matrix[:cut]), flowers.predict_matrix(matrix[cut:])]
    np.testing.assert_allclose(np.concatenate(parts), flowers.predict_matrix(matrix), rtol=1e-5, atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_rows_in_another_order_predict_the_same_in_that_order(flowers, matrix, seed):
    order = np.random.default_rng(seed).permutation(150)
    np.testing.assert_allclose(
        flowers.predict_matrix(matrix[order]), flowers.predict_matrix(matrix)[order], rtol=1e-5, atol=1e-7
    )


def test_many_threads_get_what_one_would(flowers, matrix):
    expected = [flowers.predict_matrix(matrix[k : k + 1]).tobytes() for k in range(150)]
    rows = list(range(150)) * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda k: flowers.predict_matrix(matrix[k : k + 1]).tobytes(), rows))
    assert found == [expected[k] for k in rows]


def test_predicting_changes_nothing_in_the_network(mixed, mixed_table):
    before = mixed.network.parameters.copy()
    given_rows = {name: column.values.copy() for name, column in mixed_table.items()}
    mixed.predict(mixed_table)
    mixed.logits(mixed_table)
    mixed.activations(mixed_table)
    np.testing.assert_array_equal(mixed.network.parameters, before)
    for name, values in given_rows.items():
        np.testing.assert_array_equal(mixed_table[name].values, values)


def test_the_last_activations_are_the_outputs_and_the_others_those_of_each_hidden_layer(flowers, iris_table):
    values = flowers.activations(iris_table)
    widths = [*flowers.specification.hidden, 3]
    assert [one.shape for one in values] == [(150, width) for width in widths]
    np.testing.assert_allclose(values[-1], flowers.predict(iris_table), rtol=1e-6)


def test_two_classes_sum_to_one(mixed, mixed_table):
    np.testing.assert_array_equal(mixed.predict(mixed_table).sum(axis=1), 1.0)
    assert mixed.classes == (False, True)


def test_a_column_that_lacks_is_named(flowers, matrix):
    with pytest.raises(UnknownColumn, match="petal_width"):
        flowers.predict({"sepal_length": [1.0], "sepal_width": [1.0], "petal_length": [1.0]})


@pytest.mark.parametrize("value", [None, "wide", True])
def test_a_value_that_training_could_not_have_met_is_told_with_its_row(flowers, value):
    rows = {name: [1.0, 2.0] for name in flowers.signature.feature_names} | {"petal_width": [1.0, value]}
    with pytest.raises(BadColumn) as fault:
        flowers.predict(rows)
    assert (fault.value.column, fault.value.rows) == ("petal_width", [1])


def test_a_label_that_training_did_not_meet_is_refused_in_an_evaluation(flowers, iris_table):
    rows = take_rows(iris_table, np.arange(3))
    rows["species"] = Column("species", "category", np.array(["setosa", "rose", "setosa"], dtype=object))
    with pytest.raises(BadLabel, match="row 1"):
        evaluate(flowers, rows)


def test_numbers_told_to_be_categories_are_predicted_from_numbers():
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 4, 100).tolist()

    table = infer_table({"code": codes, "y": [code * 1.5 for code in codes]}, {"code": ColumnOverride(type="category")})
    trained = fit(prepare(table, Recipe(label="y"))).trained
    np.testing.assert_array_equal(trained.predict({"code": [1, 2.0]}), trained.predict({"code": ["1", "2"]}))


def test_the_signature_tells_what_training_met(mixed_table):
    recipe = Recipe(label="amount", features=FEATURES, network=NetworkSpecification(hidden=()), training=SHORT)
    prepared = prepare(mixed_table, recipe)
    signature = fit(prepared).trained.signature
    training = take_rows(mixed_table, prepared.split.training)
    age = signature.features[0]
    assert (age.minimum, age.maximum) == (np.nanmin(training["age"].values), np.nanmax(training["age"].values))
    assert [feature.type for feature in signature.features] == ["number", "number", "boolean", "category", "date"]
    assert [feature.nullable for feature in signature.features] == [True, False, True, True, True]
    assert signature.features[3].categories == ("blü", "green", "red")
    assert signature == prepared.signature


def test_a_table_of_dates_as_text_is_read_by_the_signature(mixed):
    rows = {name: values[:5] for name, values in mixed_raw().items() if name in FEATURES}
    assert mixed.predict(rows).tobytes() == mixed.predict(infer_table(rows, DATES)).tobytes()


def test_a_missing_value_is_refused_only_where_training_had_none(mixed):
    rows = {name: values[:1] for name, values in mixed_raw().items() if name in FEATURES}
    assert mixed.predict(rows | {"age": [None]}).shape == (1, 2)
    with pytest.raises(BadColumn, match="'income' is missing in row 0: the training data had no missing values"):
        mixed.predict(rows | {"income": [None]})


def test_a_column_of_another_type_is_read_again_from_its_values():
    column = infer_table({"c": ["1", None, "3"]})["c"]
    assert plain_values(column) == ["1", None, "3"]
    assert plain_values([1, None]) == [1, None]


def test_it_shows_its_task_and_its_size(flowers):
    # 4 · 128 + 128 + 128 · 3 + 3 parameters
    assert repr(flowers) == "TrainedNetwork(classification, 4 inputs, 1027 parameters)"
