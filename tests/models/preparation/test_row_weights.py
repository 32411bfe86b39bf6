"""How much a row counts: by its class, by a column, and by both."""

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.targets import ClassTarget, NumberTarget
from models.errors import ModelError
from models.preparation.row_weights import row_weights
from models.specification import TrainingSpecification

TABLE = infer_table(
    {"y": ["a", "a", "a", "b"], "w": [1.0, 2.0, 0.0, 4.0], "none": [0.0] * 4, "gap": [1.0, None, 1.0, 1.0]}
)
CLASSES = ClassTarget("y", ("a", "b"), "sigmoid")
ROWS = np.arange(4)


def weights(**chosen):
    return row_weights(TrainingSpecification(**chosen), TABLE, CLASSES, ROWS)


def test_rows_count_the_same_where_nothing_weighs_them():
    assert weights() is None


def test_balanced_classes_have_the_same_sum():
    # 4 rows, 2 classes: 4 / (2 · 3) for the three of a, 4 / (2 · 1) for the one of b
    assert weights(class_weight="balanced").tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])


def test_the_weights_of_class_and_column_are_multiplied():
    assert weights(class_weight={"b": 3.0}, sample_weight="w").tolist() == [1, 2, 0, 12]


@pytest.mark.parametrize(
    ("chosen", "location"),
    [
        ({"sample_weight": "nope"}, ["training", "sample_weight"]),
        ({"sample_weight": "y"}, ["training", "sample_weight"]),
        ({"sample_weight": "none"}, ["training", "sample_weight"]),
        ({"sample_weight": "gap"}, ["training", "sample_weight"]),
        ({"class_weight": {"c": 1.0}}, ["training", "class_weight", "c"]),
    ],
)
def test_weights_that_cannot_be_used_are_rejected_with_their_place(chosen, location):
    with pytest.raises(ModelError) as error:
        weights(**chosen)
    assert error.value.location == location


def test_classes_weigh_only_in_a_classification():
    target = NumberTarget(("w",), (0.0,), (1.0,), "identity")
    with pytest.raises(ModelError) as error:
        row_weights(TrainingSpecification(class_weight="balanced"), TABLE, target, ROWS)
    assert error.value.location == ["training", "class_weight"]
