"""A specification's values at their limits, and where its errors are."""

import pytest

from service.problems import InvalidInput
from service.schemas.errors.specification import read_specification
from service.settings import Settings

SETTINGS = Settings(max_hidden_layers=2, max_hidden_width=200, max_epochs=20)


def specification(**parts: object) -> dict[str, object]:
    return {"model": "iris", "label": "species", **parts}


@pytest.mark.parametrize(
    ("part", "most", "past", "location", "limit"),
    [
        ("network", {"hidden": [1, 1]}, {"hidden": [1, 1, 1]}, ["hidden"], "2 (FEEDFORWARD_MAX_HIDDEN_LAYERS)"),
        ("network", {"hidden": [1, 200]}, {"hidden": [1, 201]}, ["hidden", 1], "200 (FEEDFORWARD_MAX_HIDDEN_WIDTH)"),
        ("training", {"epochs": 20}, {"epochs": 21}, ["epochs"], "20 (FEEDFORWARD_MAX_EPOCHS)"),
        # the largest signed integer of 64 bits, which a database can store
        ("training", {"seed": 2**63 - 1}, {"seed": 2**63}, ["seed"], "9,223,372,036,854,775,807"),
        ("training", {"threads": 256}, {"threads": 257}, ["threads"], "256"),
        ("validation", {"folds": 1000}, {"folds": 1001}, ["folds"], "1,000"),
    ],
)
def test_a_value_at_its_limit_is_accepted_and_one_more_is_refused(part, most, past, location, limit):
    read_specification(specification(**{part: most}), SETTINGS)
    with pytest.raises(InvalidInput) as refusal:
        read_specification(specification(**{part: past}), SETTINGS)
    [error] = refusal.value.errors
    assert (error["location"], error["code"]) == (["body", part, *location], "limit")
    assert error["message"].endswith(f"over the limit of {limit}")


def test_each_value_past_a_limit_is_an_error():
    wide = specification(network={"hidden": [201, 202]}, training={"epochs": 21, "threads": 300})
    with pytest.raises(InvalidInput) as refusal:
        read_specification(wide, SETTINGS)
    places = [error["location"][1:] for error in refusal.value.errors]
    assert places == [
        ["network", "hidden", 0],
        ["network", "hidden", 1],
        ["training", "epochs"],
        ["training", "threads"],
    ]


@pytest.mark.parametrize(
    ("training", "location", "code"),
    [
        ({"optimizer": {"name": "adamm"}}, ["training", "optimizer"], "literal_error"),
        ({"optimizer": {"name": "adam", "beta9": 1}}, ["training", "optimizer", "beta9"], "unknown"),
        ({"epochz": 3}, ["training", "epochz"], "unknown"),
    ],
)
def test_an_error_is_located_by_the_names_that_the_caller_sent(training, location, code):
    with pytest.raises(InvalidInput) as refusal:
        read_specification(specification(training=training), SETTINGS, root=("body", "spec"))
    [error] = refusal.value.errors
    assert (error["location"], error["code"]) == (["body", "spec", *location], code)
