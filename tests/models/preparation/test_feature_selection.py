"""Labels and features that cannot be used are rejected, each with its place in the request."""

import pytest

from models.data.columns import infer_table
from models.errors import BadRecipe, ModelError, UnknownColumn
from models.preparation.feature_selection import label_columns, select_features
from models.specification import ColumnScaling, Recipe, TrainingSpecification, ValidationSpecification

TABLE = infer_table({"x": [1.0, 2.0], "w": [1.0, 3.0], "g": [0.0, 1.0], "y": [0.0, 1.0]})


@pytest.mark.parametrize(
    ("changes", "kind", "location"),
    [
        ({"features": ("x", "w", "x")}, BadRecipe, ["features", 2]),
        ({"features": ("x", "y")}, BadRecipe, ["features", 1]),
        ({"features": ()}, BadRecipe, ["features"]),
        ({"features": ("nope",)}, UnknownColumn, ["features", 0]),
        ({"scaling": {"nope": ColumnScaling(scale=2.0)}}, UnknownColumn, ["scaling", "nope"]),
    ],
)
def test_features_that_cannot_be_used_are_rejected_with_their_place(changes, kind, location):
    with pytest.raises(ModelError) as error:
        select_features(TABLE, Recipe(label="y", **changes))
    assert (type(error.value), error.value.location) == (kind, location)


@pytest.mark.parametrize(
    ("label", "location"), [("nope", ["label"]), (("y", "nope"), ["label", 1]), (("y", "y"), ["label", 1])]
)
def test_labels_that_cannot_be_used_are_rejected_with_their_place(label, location):
    with pytest.raises(ModelError) as error:
        label_columns(TABLE, Recipe(label=label))
    assert error.value.location == location


def test_data_without_rows_is_rejected():
    with pytest.raises(BadRecipe) as error:
        label_columns(infer_table({"x": [], "y": []}), Recipe(label="y"))
    assert error.value.location == ["data"]


def test_a_column_that_weighs_or_groups_the_rows_is_no_feature_unless_it_is_named():
    recipe = Recipe(
        label="y",
        training=TrainingSpecification(sample_weight="w"),
        validation=ValidationSpecification(method="group", column="g"),
    )
    assert select_features(TABLE, recipe)[0] == ("x",)
    named = Recipe(label="y", features=("x", "w"), training=TrainingSpecification(sample_weight="w"))
    assert select_features(TABLE, named)[0] == ("x", "w")
