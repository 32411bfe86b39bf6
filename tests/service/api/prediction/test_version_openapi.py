"""Each version describes itself exactly, and its example can be sent back as it is."""

import asyncio

import httpx
import pytest

from tests.support.serving import networks

MADE = [
    networks.plane,
    networks.two_outputs,
    networks.thirds,
    networks.yes_or_no,
    networks.two_labels,
    networks.prices,
    networks.plane_with_gap,
]


def get(serving, path: str) -> dict:
    response = serving.http.get(path)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.__name__)
def test_the_example_can_be_posted_back_as_it_is(serving, made):
    model = serving.register(made())
    example = get(serving, f"/models/{model}/versions/1/example")
    response = serving.ask(example, f"/models/{model}/versions/1/predict")
    assert response.status_code == 200, response.text
    assert response.json()["warnings"] == []


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.__name__)
def test_the_description_names_an_operation_that_is_there(serving, made):
    model = serving.register(made())
    document = get(serving, f"/models/{model}/versions/latest/openapi.json")
    [(path, operations)] = document["paths"].items()
    sent = operations["post"]["requestBody"]["content"]["application/json"]["example"]
    assert serving.ask(sent, path).status_code == 200
    assert references_of(document) <= set(document["components"]["schemas"])


def references_of(value: object) -> set[str]:
    if isinstance(value, list):
        return {name for one in value for name in references_of(one)}
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"].rsplit("/", 1)[1]} if isinstance(value.get("$ref"), str) else set()
    return own.union(*(references_of(one) for one in value.values()))


def test_the_schema_names_features_types_ranges_and_categories(serving):
    model = serving.register(networks.prices())
    row = get(serving, f"/models/{model}/versions/1/openapi.json")["components"]["schemas"]["Row"]
    assert row["required"] == ["size", "colour", "new"]
    assert row["additionalProperties"] is False
    assert row["properties"]["size"]["type"] == "number"
    assert (row["properties"]["size"]["x-seen-minimum"], row["properties"]["size"]["x-seen-maximum"]) == (0.0, 50.0)
    assert row["properties"]["colour"]["x-seen-categories"] == ["blue", "red"]
    assert row["properties"]["new"]["type"] == "boolean"


def test_the_schema_names_the_classes(serving):
    model = serving.register(networks.thirds())
    answer = get(serving, f"/models/{model}/versions/1/openapi.json")["components"]["schemas"]["Answer"]
    prediction = answer["properties"]["predictions"]["items"]["properties"]
    assert prediction["label"] == {"enum": ["first", "second", "third"]}
    assert prediction["probabilities"]["required"] == ["first", "second", "third"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_others_are_answered_while_a_long_description_is_written(serving):
    model = serving.register(networks.wide(2000))
    get(serving, f"/models/{model}/versions/1/example")  # it is in memory now

    async def count_answers() -> int:
        async with httpx.AsyncClient(base_url=serving.url, timeout=60, trust_env=False) as http:
            description = asyncio.create_task(http.get(f"/models/{model}/versions/1/openapi.json"))
            answers = 0
            while not description.done():
                (await http.get("/health/live")).raise_for_status()
                answers += 1
            assert len((await description).json()["components"]["schemas"]["Row"]["required"]) == 2000
            return answers

    assert asyncio.run(count_answers()) > 5


def test_a_version_that_is_not_there_describes_nothing(serving):
    assert serving.http.get("/models/no-such-model/versions/1/openapi.json").status_code == 404


def test_people_find_a_page_that_shows_the_description(serving):
    model = serving.register(networks.plane())
    response = serving.http.get(f"/models/{model}/versions/1/docs")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert f"/models/{model}/versions/1/openapi.json" in response.text
