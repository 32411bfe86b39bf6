"""An unknown field is answered with the field that the caller will have meant, wherever it stands."""

import pytest
from pydantic import ValidationError

from models.errors import nearest_name
from service.problems import InvalidInput, did_you_mean
from service.schemas.errors.specification import read_specification
from service.schemas.errors.validation import invalid_input
from service.schemas.prediction import ModelPrediction, VersionPrediction
from service.settings import Settings


@pytest.mark.parametrize(
    ("unknown", "meant"),
    [
        ({"learning_rate": 0.1}, "training.optimizer.learning_rate"),
        ({"training": {"learning_rate": 0.1}}, "training.optimizer.learning_rate"),
        ({"lr": 0.1}, "training.optimizer.learning_rate"),
        ({"training": {"optimizer": {"name": "adam", "lr": 0.1}}}, "learning_rate"),
        ({"training": {"optimizer": {"name": "adam", "learning_rte": 0.1}}}, "learning_rate"),
        ({"epochs": 3}, "training.epochs"),
        ({"network": {"epochs": 3}}, "training.epochs"),
        ({"hidden": [4]}, "network.hidden"),
        ({"hidden_layers": [4]}, "network.hidden"),
        ({"fraction": 0.1}, "validation.fraction"),
        ({"training": {"scaling": "none"}}, "scaling"),
        ({"target": "y"}, "label"),
        ({"Alias": "production"}, "alias"),
        ({"featurs": ["x"]}, "features"),
    ],
)
def test_a_field_of_another_place_is_suggested_with_its_path(unknown, meant):
    with pytest.raises(InvalidInput) as caught:
        read_specification({"model": "m", "label": "y", **unknown}, Settings())
    assert f"Did you mean `{meant}`?" in caught.value.detail


def test_what_stands_in_lists_and_mappings_is_suggested_nowhere_else():
    with pytest.raises(InvalidInput) as caught:
        read_specification({"model": "m", "label": "y", "decimal": ","}, Settings())
    assert "Did you mean" not in caught.value.detail


@pytest.mark.parametrize(
    ("unknown", "meant"), [("alias", "version"), ("data", "inputs"), ("rows", "inputs"), ("Inputs", "inputs")]
)
def test_a_prediction_suggests_its_own_word_for_a_thing(unknown, meant):
    with pytest.raises(ValidationError) as caught:
        ModelPrediction.model_validate({unknown: []})
    problem = invalid_input(caught.value.errors(include_url=False), ("body",), ModelPrediction)
    assert f"Did you mean `{meant}`?" in problem.detail


def test_nothing_is_suggested_that_the_address_does_not_take():
    with pytest.raises(ValidationError) as caught:
        VersionPrediction.model_validate({"alias": "production"})
    assert "version" not in invalid_input(caught.value.errors(include_url=False), ("body",), VersionPrediction).detail


def test_the_part_of_a_form_that_holds_the_table_is_the_file():
    assert did_you_mean("data", ("file", "spec")) == " Did you mean `file`?"


def test_capital_letters_are_no_distance_between_names():
    assert nearest_name("y", ["x", "Y", "z"]) == "Y"
    assert nearest_name("PRICE", ["prices", "Price"]) == "Price"
