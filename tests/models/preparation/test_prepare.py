"""What is wrong, doubtful or left open in a recipe and its data is told, with its place, before any training."""

import numpy as np
import pytest

from models.data.columns import infer_table
from models.errors import BadLabel, BadRecipe, ModelError
from models.fitting.fit import prepare
from models.specification import (
    ColumnOverride,
    ColumnScaling,
    EarlyStopping,
    NetworkSpecification,
    Poisson,
    Recipe,
    TrainingSpecification,
    ValidationSpecification,
)
from tests.support.training.tables import FEATURES


def test_a_filled_in_recipe_prepares_the_same_training(mixed_table):
    first = prepare(mixed_table, Recipe(label="size", features=FEATURES))
    again = prepare(mixed_table, Recipe.from_json(first.recipe.to_json()))
    assert again.recipe == first.recipe
    assert again.preprocessing == first.preprocessing
    np.testing.assert_array_equal(again.split.validation, first.split.validation)


@pytest.mark.parametrize(("rule", "expected"), [(None, 4.0), ("mean", 4.0), ("median", 2.0), ("mode", 1.0)])
def test_a_missing_number_is_filled_as_the_recipe_says(rule, expected):
    table = infer_table({"x": [1.0, 1.0, 2.0, 3.0, 13.0, None], "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.5]})
    columns = {"x": ColumnOverride(type="number", missing=rule)}
    recipe = Recipe(label="y", columns=columns, scaling="none", validation=ValidationSpecification(fraction=0))
    assert prepare(table, recipe).preprocessing.transform(table)[5].tolist() == [expected, 1.0]


def test_rows_without_a_label_are_left_out_and_told():
    table = infer_table({"x": [1.0, 2.0, 3.0, 4.0], "y": ["a", None, "b", "a"]})
    prepared = prepare(table, Recipe(label="y", validation=ValidationSpecification(fraction=0)))
    assert prepared.split.training.size == 3
    assert "missing-labels" in [warning["code"] for warning in prepared.warnings]


def test_a_column_with_too_many_texts_is_left_out_unless_it_was_named():
    table = infer_table({"name": [f"n{k % 150}" for k in range(200)], "x": range(200), "y": ["a", "b"] * 100})
    prepared = prepare(table, Recipe(label="y"))
    assert prepared.recipe.features == ("x",)
    assert ("too-many-categories", "name") in [(w["code"], w["column"]) for w in prepared.warnings]
    with pytest.raises(ModelError):
        prepare(table, Recipe(label="y", features=("name", "x")))


@pytest.mark.parametrize(
    ("code", "columns"),
    [
        ("constant-column", {"x": [1.0] * 60, "z": range(60)}),
        ("dates-as-text", {"x": [f"2024-01-{1 + k % 28:02}" for k in range(60)]}),
        ("empty-column", {"x": [None] * 60, "z": range(60)}),
        ("few-rows", {"x": range(40)}),
    ],
)
def test_doubtful_data_is_told(code, columns):
    length = len(next(iter(columns.values())))
    table = infer_table({name: list(values) for name, values in columns.items()} | {"y": ["a", "b"] * (length // 2)})
    assert code in [warning["code"] for warning in prepare(table, Recipe(label="y")).warnings]


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        ({"label": "speices"}, ["label"]),
        ({"label": ("species", "speices")}, ["label", 1]),
        ({"features": ("sepal_length", "sepal_widht")}, ["features", 1]),
        ({"features": ("species",)}, ["features", 0]),
        ({"features": ()}, ["features"]),
        ({"scaling": {}, "columns": {"nope": None}}, ["columns", "nope"]),
        ({"training": TrainingSpecification(sample_weight="nope")}, ["training", "sample_weight"]),
        ({"training": TrainingSpecification(class_weight={"rose": 2.0})}, ["training", "class_weight", "rose"]),
        ({"training": TrainingSpecification(loss=Poisson())}, ["training", "loss"]),
        ({"task": "regression"}, ["label"]),
        ({"validation": ValidationSpecification(method="time", column="nope")}, ["validation", "column"]),
        ({"validation": ValidationSpecification(method="time", column="species")}, ["validation", "column"]),
        ({"validation": ValidationSpecification(folds=1000)}, ["validation", "folds"]),
        ({"validation": ValidationSpecification(dataset="sha256:0")}, ["validation", "dataset"]),
        ({"network": NetworkSpecification(output="exponential")}, ["network", "output"]),
        (
            {
                "validation": ValidationSpecification(fraction=0),
                "training": TrainingSpecification(early_stopping=EarlyStopping()),
            },
            ["training", "early_stopping"],
        ),
    ],
)
def test_a_fault_is_told_with_its_place(iris_table, changes, location):
    with pytest.raises(ModelError) as fault:
        prepare(iris_table, Recipe(**({"label": "species"} | changes)))
    assert fault.value.location == location
    assert len(fault.value.message) > 10


def test_a_label_with_one_class_is_refused():
    with pytest.raises(BadLabel, match="only one class"):
        prepare(infer_table({"x": [1, 2], "y": ["a", "a"]}), Recipe(label="y"))


def test_a_label_outside_the_range_of_the_output_is_refused():
    table = infer_table({"x": [1.0, 2.0], "y": [0.5, 1.5]})
    with pytest.raises(BadLabel):
        prepare(table, Recipe(label="y", network=NetworkSpecification(output="sigmoid")))


def test_an_unfit_task_of_several_labels_is_refused(mixed_table):
    with pytest.raises(BadLabel):
        prepare(mixed_table, Recipe(label=("bought", "size")))
    with pytest.raises(BadRecipe):
        prepare(mixed_table, Recipe(label=("amount", "amount")))


def numbered(n_rows=40):
    """Rows that know their number, their moment and their group."""
    k = np.arange(n_rows)
    return infer_table(
        {
            "x": k.astype(float),
            "moment": (-k).astype(float),
            "who": [f"person {number // 4}" for number in k],
            "y": [["a", "b"][number % 2] for number in k],
        }
    )


def test_a_split_by_time_holds_out_the_latest_rows_of_its_column():
    validation = ValidationSpecification(fraction=0.25, method="time", column="moment")
    prepared = prepare(numbered(), Recipe(label="y", validation=validation))
    assert prepared.split.validation.tolist() == list(range(10))
    assert prepared.recipe.features == ("x", "moment", "who")


def test_a_split_by_group_keeps_the_groups_whole_and_does_not_learn_from_their_names():
    validation = ValidationSpecification(fraction=0.25, method="group", column="who")
    prepared = prepare(numbered(), Recipe(label="y", validation=validation))
    who = prepared.table["who"].values
    assert not set(who[prepared.split.training]) & set(who[prepared.split.validation])
    assert prepared.recipe.features == ("x", "moment")


def test_folds_by_group_keep_the_groups_whole():
    validation = ValidationSpecification(folds=5, method="group", column="who")
    prepared = prepare(numbered(), Recipe(label="y", validation=validation))
    who = prepared.table["who"].values
    for split in prepared.folds:
        assert not set(who[split.training]) & set(who[split.validation])


@pytest.mark.parametrize(
    ("validation", "location"),
    [
        (ValidationSpecification(folds=50, method="group", column="who"), ["validation", "folds"]),
        (ValidationSpecification(folds=5, method="time", column="moment"), ["validation", "method"]),
        (ValidationSpecification(method="stratified"), ["validation", "method"]),
    ],
)
def test_a_split_that_cannot_be_made_is_refused(validation, location):
    label = "y" if validation.method != "stratified" else "x"
    with pytest.raises(ModelError) as fault:
        prepare(numbered(), Recipe(label=label, validation=validation))
    assert fault.value.location == location


def test_what_is_learnt_is_learnt_from_the_training_rows_alone():
    table = numbered()
    prepared = prepare(table, Recipe(label="x", features=("moment",)))
    training = prepared.split.training
    assert prepared.preprocessing.encoders[0].shift == table["moment"].values[training].mean()
    assert prepared.target.shift == (table["x"].values[training].mean(),)
    assert prepared.signature.features[0].minimum == table["moment"].values[training].min()


@pytest.mark.parametrize(
    ("scaling", "output", "standardised"),
    [
        ("standard", None, True),
        ("minmax", None, True),
        ("none", None, False),
        ({"x": ColumnScaling(shift=1)}, None, False),
        ("standard", "sigmoid", False),
    ],
)
def test_labels_of_a_regression_are_standardised_where_nothing_speaks_against_it(scaling, output, standardised):
    table = infer_table({"x": np.arange(40.0), "y": np.linspace(0, 1, 40)})
    recipe = Recipe(label="y", scaling=scaling, network=NetworkSpecification(output=output))
    assert (prepare(table, recipe).target.shift != (0.0,)) == standardised


@pytest.mark.parametrize(
    "labels",
    [{"y": [5.5] * 60}, {"y": [5] * 60}, {"y": [5] * 4}, {"y": ["a"] * 60}, {"y": [True] * 60}],
    ids=["fraction", "whole", "few rows", "text", "boolean"],
)
def test_a_label_that_is_the_same_in_every_row_is_rejected_whatever_its_type(labels):
    n_rows = len(labels["y"])
    table = infer_table({"x": [float(k) for k in range(n_rows)], **labels})
    with pytest.raises(BadLabel, match="'y'") as caught:
        prepare(table, Recipe(label="y", reader=2))
    assert caught.value.location == ["label"]


def test_each_of_several_labels_has_to_vary():
    table = infer_table({"x": range(60), "y": [k % 7 / 2 for k in range(60)], "z": [2.5] * 60})
    with pytest.raises(BadLabel, match="'z' is 2"):
        prepare(table, Recipe(label=("y", "z"), reader=2))


def test_a_request_of_the_first_reader_trains_on_a_constant_number_again():
    table = infer_table({"x": range(60), "y": [5.5] * 60})
    assert prepare(table, Recipe(label="y")).task == "regression"
