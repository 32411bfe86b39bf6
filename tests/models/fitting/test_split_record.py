"""The record of a split names its method and rows, and its digest is that of the marks of all rows."""

import hashlib
import struct

import numpy as np
import pytest

from models.data.columns import infer_table
from models.fitting.fit import prepare
from models.fitting.split_record import split_record
from models.specification import Recipe, TrainingSpecification, ValidationSpecification

TABLE = infer_table({"x": np.arange(12.0), "y": list("abcabcabcabc")})


def prepared_with(**validation):
    recipe = Recipe(label="y", training=TrainingSpecification(seed=3), validation=ValidationSpecification(**validation))
    return prepare(TABLE, recipe, TABLE if "dataset" in validation else None)


def digest(marks):
    return hashlib.sha256(struct.pack(f"<{len(marks)}H", *marks)).hexdigest()


def test_rows_that_validate_are_marked_with_1():
    prepared = prepared_with(fraction=0.25, method="random")
    marks = [int(row in prepared.split.validation) for row in range(12)]
    assert sum(marks) == 3
    assert split_record(prepared) == {
        "fraction": 0.25,
        "method": "random",
        "seed": 3,
        "training_rows": 9,
        "validation_rows": 3,
        "sha256": digest(marks),
    }


def test_rows_are_marked_with_the_number_of_their_fold():
    prepared = prepared_with(folds=3)
    marks = [next(k for k, fold in enumerate(prepared.folds, 1) if row in fold.validation) for row in range(12)]
    record = split_record(prepared)
    assert (record["folds"], record["sha256"]) == (3, digest(marks))
    assert "fraction" not in record
    assert (record["training_rows"], record["validation_rows"]) == (12, 12)


@pytest.mark.parametrize(
    ("validation", "method", "n_validation"),
    [({"fraction": 0.0}, {"method": "none", "fraction": 0.0}, 0), ({"dataset": "d"}, {"method": "dataset"}, 12)],
)
def test_without_a_split_all_rows_train(validation, method, n_validation):
    record = split_record(prepared_with(**validation))
    assert method.items() <= record.items()
    assert (record["training_rows"], record["validation_rows"]) == (12, n_validation)
    assert record["sha256"] == digest([0] * 12)
