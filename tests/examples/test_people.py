"""The network of four people that tutorials train by hand, over HTTP.

Over 60 seeds the plain per-neuron code of such tutorials ends at a mean squared error of 0.0013 to 0.0024, with Emily
at 0.946 to 0.970 and Frank at 0.037 to 0.241.
"""

import json
from typing import Any

import pytest

from tests.support.processes import PROJECT

EMILY, FRANK = {"weight": -7, "height": -3}, {"weight": 20, "height": 2}
SHIFTS = {"weight": 135, "height": 66}
SEX = {0: "M", 1: "F"}


@pytest.fixture
def people() -> dict[str, Any]:
    return json.loads((PROJECT / "examples" / "people.json").read_text())


def in_pounds_and_inches(person: dict[str, Any]) -> dict[str, Any]:
    return person | {name: person[name] + shift for name, shift in SHIFTS.items()}


def test_it_ends_where_the_tutorial_ends(server, people):
    job = server.train(people)
    emily, frank = server.predict("people", [EMILY, FRANK])["predictions"]
    assert 0.0013 <= job["progress"]["loss"] <= 0.0024
    assert 0.946 <= emily["value"] <= 0.970
    assert 0.037 <= frank["value"] <= 0.241


def test_raw_pounds_and_inches_give_the_same_network(server, people):
    raw = people | {
        "model": "people-raw",
        "data": {"rows": [in_pounds_and_inches(row) for row in people["data"]["rows"]]},
        "scaling": {name: {"shift": shift} for name, shift in SHIFTS.items()},
    }
    server.train(people)
    server.train(raw)
    shifted = server.predict("people", [EMILY, FRANK])["predictions"]
    assert (
        server.predict("people-raw", [in_pounds_and_inches(EMILY), in_pounds_and_inches(FRANK)])["predictions"]
        == shifted
    )


def test_labels_may_be_letters(server, people):
    rows = [row | {"gender": SEX[row["gender"]]} for row in people["data"]["rows"]]
    server.train(people | {"model": "people-letters", "data": {"rows": rows}, "task": "classification"})
    predictions = server.predict("people-letters", [EMILY, FRANK])["predictions"]
    assert [prediction["label"] for prediction in predictions] == ["F", "M"]
