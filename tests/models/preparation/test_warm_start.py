"""A training that goes on from a network begins where that one ended."""

from dataclasses import replace

import numpy as np
import pytest

from models.data.columns import infer_table, take_rows
from models.errors import BadLabel, BadRecipe, ModelError
from models.fitting.fit import fit, prepare
from models.fitting.single import first_network
from models.specification import (
    NetworkSpecification,
    Recipe,
    Sgd,
    TrainingSpecification,
    ValidationSpecification,
    WarmStart,
)

RECIPE = Recipe(
    label="species",
    network=NetworkSpecification(hidden=(8,)),
    training=TrainingSpecification(epochs=5, optimizer=Sgd(learning_rate=0.1), shuffle=False),
    validation=ValidationSpecification(fraction=0),
)
WARM = replace(RECIPE.training, warm_start=WarmStart(model="iris", version=1))


@pytest.fixture(scope="module")
def begun(iris_table):
    return fit(prepare(iris_table, RECIPE)).trained


def test_it_begins_with_the_parameters_it_goes_on_from(iris_table, begun):
    prepared = prepare(iris_table, replace(RECIPE, training=WARM), start=begun)
    assert first_network(prepared).parameters.tobytes() == begun.network.parameters.tobytes()
    assert prepared.preprocessing == begun.preprocessing


def test_twice_five_epochs_of_plain_descent_are_ten(iris_table, begun):
    again = fit(prepare(iris_table, replace(RECIPE, training=WARM), start=begun)).trained
    whole = fit(prepare(iris_table, replace(RECIPE, training=replace(RECIPE.training, epochs=10)))).trained
    np.testing.assert_array_equal(again.network.parameters, whole.network.parameters)


def test_the_network_left_out_is_the_one_it_goes_on_from(iris_table, begun):
    recipe = Recipe(label="species", training=replace(WARM, epochs=1))
    prepared = prepare(iris_table, recipe, start=begun)
    assert prepared.recipe.network == begun.specification
    assert prepared.recipe.features == begun.signature.feature_names


def test_rows_with_some_of_the_classes_are_enough(iris_table, begun):
    fitted = fit(prepare(take_rows(iris_table, np.arange(50)), replace(RECIPE, training=WARM), start=begun))
    assert fitted.trained.classes == ("setosa", "versicolor", "virginica")


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        ({"network": NetworkSpecification(hidden=(9,))}, ["network"]),
        ({"network": NetworkSpecification(hidden=(8,), dtype="float64")}, ["network"]),
        ({"features": ("sepal_length",)}, ["features"]),
        ({"label": "sepal_length"}, ["label"]),
    ],
)
def test_another_network_or_other_columns_are_refused(iris_table, begun, changes, location):
    with pytest.raises(ModelError) as fault:
        prepare(iris_table, replace(RECIPE, training=WARM, **changes), start=begun)
    assert fault.value.location == location


def test_a_class_never_met_is_refused(iris_table, begun):
    raw = {name: column.values[:20] for name, column in iris_table.items()} | {"species": ["rose", "setosa"] * 10}
    with pytest.raises(BadLabel):
        prepare(infer_table(raw), replace(RECIPE, training=WARM), start=begun)


def test_a_network_that_was_named_must_be_given(iris_table):
    with pytest.raises(BadRecipe):
        prepare(iris_table, replace(RECIPE, training=WARM))
