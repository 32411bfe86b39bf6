"""The OpenAPI document: true to the service, complete, and free of the framework's own error form."""

import importlib
import json

import httpx
import pytest

from service.api.examples.iris import EXAMPLES

MODULES = ["prediction", "registry", "retention", "comparison", "job", "events", "monitoring", "webhooks"]
PROBLEM = {"$ref": "#/components/schemas/Problem"}


@pytest.fixture
def database() -> str:
    """Nothing here depends on it."""
    return "sqlite"


@pytest.fixture
def document(http: httpx.Client) -> dict:
    return http.get("/openapi.json").json()


def operations(document: dict) -> list[tuple[str, str, dict]]:
    return [(path, method, told) for path, item in document["paths"].items() for method, told in item.items()]


def test_every_operation_says_what_it_does(document: dict):
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, told in operations(document):
        assert told["summary"], (method, path)
        assert set(told["tags"]) <= tags, (method, path)
    names = [told["operationId"] for _, _, told in operations(document)]
    assert len(set(names)) == len(names)


def test_every_error_is_a_problem_document(document: dict):
    assert "HTTPValidationError" not in json.dumps(document)
    for path, method, told in operations(document):
        errors = {status: answer for status, answer in told["responses"].items() if status >= "4"}
        assert {"500", "503", "default"} <= set(errors), (method, path)
        for answer in errors.values():
            assert {kind: form["schema"] for kind, form in answer["content"].items()} == {
                "application/problem+json": PROBLEM
            }


def test_every_reference_leads_somewhere(document: dict):
    schemas = document["components"]["schemas"]
    referred = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert referred <= set(schemas)


def test_the_main_operations_are_there(document: dict):
    known = {(method, path) for path, method, _ in operations(document)}
    assert known >= {
        ("post", "/train"),
        ("post", "/predict"),
        ("post", "/models/{name}/versions/{ref}/predict"),
        ("get", "/jobs/{job}/events"),
        ("put", "/models/{name}/aliases/{alias}"),
        ("post", "/datasets"),
    }


def test_names_are_enumerated(document: dict):
    text = json.dumps(document)
    for name in ("leaky_relu", "hard_sigmoid", "adamw", "lbfgs", "reduce_on_plateau", "lecun_normal", "quantile"):
        assert f'"{name}"' in text


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_of_the_form_that_they_explain(document: dict, name: str):
    modules = [importlib.import_module(f"service.schemas.{module}") for module in MODULES]
    schema = next(getattr(module, name) for module in modules if hasattr(module, name))
    for example in EXAMPLES[name]:
        schema.model_validate_json(json.dumps(example), extra="forbid")
    assert document["components"]["schemas"][name]["examples"] == EXAMPLES[name]


def test_operations_refuse_what_the_document_does_not_know(http: httpx.Client, document: dict):
    for path, method, _ in operations(document):
        if method == "get":
            address = path.replace("{name}", "m").replace("{ref}", "1").replace("{alias}", "a").replace("{job}", "j")
            told = http.get(address.replace("{reference}", "d"), params={"no-such-parameter": "1"})
            assert told.status_code == 422, path


@pytest.mark.parametrize(
    ("status", "creations"),
    [
        ("201", ["/webhooks", "/datasets", "/models/{name}/versions"]),
        (
            "202",
            [
                "/train",
                "/jobs/{job}/retry",
                "/models/{name}/versions/{ref}/retrain",
                "/models/{name}/versions/{ref}/reproduce",
                "/webhooks/{webhook}/deliveries/{delivery}/redeliver",
            ],
        ),
    ],
)
def test_what_is_created_is_201_and_what_is_still_to_be_done_is_202(document: dict, status: str, creations: list[str]):
    for path in creations:
        assert status in document["paths"][path]["post"]["responses"], path


def test_a_deletion_has_no_content(document: dict):
    deletions = [(path, told) for path, method, told in operations(document) if method == "delete"]
    assert len(deletions) >= 8
    for path, told in deletions:
        assert [status for status in told["responses"] if status < "3"] == ["204"], path
