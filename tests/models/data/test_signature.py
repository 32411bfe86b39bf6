"""A signature names inputs and outputs in order, and comes back from JSON as it was."""

import pytest

from models.data.signature import FeatureSignature, OutputSignature, Signature
from models.errors import BadRecipe

NUMBER = FeatureSignature("age", "number", False, 18.0, 80.0)
CATEGORY = FeatureSignature("colour", "category", True, categories=("red", "blue"))
DATE = FeatureSignature("when", "date", False, format="%d.%m.%Y")
CLASSES = OutputSignature("size", "category", ("large", "small"), 0.25)


def test_features_are_named_in_their_order():
    assert Signature((CATEGORY, NUMBER), (CLASSES,)).feature_names == ("colour", "age")


def test_a_row_is_a_vector_of_numbers_only_where_every_feature_is_one():
    assert Signature((NUMBER, NUMBER), (CLASSES,)).all_numbers
    assert not Signature((NUMBER, CATEGORY), (CLASSES,)).all_numbers


def test_a_signature_comes_back_from_json_as_it_was():
    signature = Signature((NUMBER, CATEGORY, DATE), (CLASSES, OutputSignature("n", "number")))
    assert Signature.from_json(signature.to_json()) == signature


def test_formats_and_thresholds_that_are_not_set_are_not_written():
    written = Signature((NUMBER,), (OutputSignature("n", "number"),)).to_json()
    assert written == {
        "features": [
            {
                "name": "age",
                "type": "number",
                "nullable": False,
                "minimum": 18.0,
                "maximum": 80.0,
                "categories": None,
            }
        ],
        "outputs": [{"name": "n", "type": "number", "classes": None}],
    }


def test_a_fault_in_a_stored_signature_is_reported_with_its_place():
    with pytest.raises(BadRecipe) as error:
        Signature.from_json({"features": [{"name": "age", "type": "number"}], "outputs": []})
    assert error.value.location == ["signature", "features", 0, "nullable"]
