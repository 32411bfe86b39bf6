"""The table of addresses: as long as the application, and read the same way everywhere."""

from collections import Counter

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from service.api.http.addresses import (
    ADDRESSES,
    PREDICTION_ADDRESSES,
    ROUTED_ADDRESSES,
    find_address,
    is_predict_path,
    methods_at,
)
from service.api.routers import ROUTERS
from service.pages.views import mount_pages


@pytest.fixture
def database() -> str:
    """Nothing here depends on it."""
    return "sqlite"


def routes() -> Counter[tuple[str, str]]:
    """How often each method of each address is served by a router."""
    app = FastAPI(openapi_url=None)
    for router in ROUTERS:
        app.include_router(router)
    mount_pages(app)
    contexts = iter_route_contexts(app.routes)
    return Counter((route.path, method) for route in contexts if route.methods for method in route.methods)


def test_each_route_has_one_row_and_each_row_its_routes():
    rows = Counter((address.template, method) for address in ROUTED_ADDRESSES for method in address.methods)
    assert rows == {(path, method): 1 for path, method in routes() if method not in {"HEAD", "OPTIONS"}}


def test_no_address_has_two_rows():
    templates = [address.template for address in ADDRESSES]
    assert len(set(templates)) == len(templates)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.template)
def test_a_path_leads_to_its_own_row(address):
    path = address.template.replace("{name}", "m").replace("{ref}", "2").replace("{", "").replace("}", "")
    match = find_address(path)
    assert match is not None
    assert match.address is address
    assert len(match.values) == address.template.count("{")


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/models/predict/predict", "/models/{name}/predict", ("predict",)),
        ("/models/m/versions/predict/predict", "/models/{name}/versions/{ref}/predict", ("m", "predict")),
        ("/models/compare", "/models/{name}", ("compare",)),
        ("/v2/models/stats", "/v2/models/stats", ()),
        ("/v2/models/stats/infer", "/v2/models/{name}/infer", ("stats",)),
        ("/models/m/versions/batch", "/models/{name}/versions/{ref}", ("m", "batch")),
    ],
)
def test_names_that_look_like_addresses_are_names(path: str, template: str, values: tuple[str, ...]):
    match = find_address(path)
    assert match is not None
    assert (match.address.template, match.values) == (template, values)


@pytest.mark.parametrize(
    "path", ["", "/nowhere", "/models/", "//models", "/models/a/b/predict", "/predict/", "/v2/x/infer"]
)
def test_an_unknown_path_has_no_row(path: str):
    assert find_address(path) is None
    assert methods_at(path) == []
    assert not is_predict_path(path)


@pytest.mark.parametrize("address", PREDICTION_ADDRESSES, ids=lambda address: address.template)
def test_predictions_are_served_at_their_addresses_by_their_methods(http: httpx.Client, address):
    path = address.template.replace("{name}", "no-such-model").replace("{ref}", "1")
    for method in ("GET", "POST"):
        response = http.request(method, path)
        assert (response.status_code == 405) == (method not in address.methods), (method, path, response.text)
        assert "Nothing exists at" not in response.text


def test_the_document_lists_the_media_types_of_the_table(http: httpx.Client):
    bodies = {address.template: set(address.body.media_types) - set(address.body.streamed) for address in ADDRESSES}
    for path, item in http.get("/openapi.json").json()["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation:
                assert set(operation["requestBody"]["content"]) == bodies[path], (method, path)
