"""What the browser tests share: a server with one model, and data that trains in a moment."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.service import Service

expect.set_options(timeout=30_000)

FLOWERS = {
    "label": "species",
    "data": {
        "rows": [
            {"petal_length": 1.4, "petal_width": 0.2, "species": "setosa"},
            {"petal_length": 1.3, "petal_width": 0.3, "species": "setosa"},
            {"petal_length": 1.6, "petal_width": 0.2, "species": "setosa"},
            {"petal_length": 1.5, "petal_width": 0.4, "species": "setosa"},
            {"petal_length": 4.7, "petal_width": 1.4, "species": "versicolor"},
            {"petal_length": 4.5, "petal_width": 1.5, "species": "versicolor"},
            {"petal_length": 4.0, "petal_width": 1.3, "species": "versicolor"},
            {"petal_length": 4.6, "petal_width": 1.4, "species": "versicolor"},
        ]
    },
    "network": {"hidden": [4]},
    "training": {"epochs": 200, "seed": 1},
    "validation": {"fraction": 0},
    "alias": "production",
}


@pytest.fixture(scope="session", params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """The pages only read: one kind of database is enough, where a test does not say otherwise."""
    return request.param


@pytest.fixture
def flowers() -> dict:
    """A specification that trains in a moment; a test gives it a model of its own."""
    return dict(FLOWERS)


@pytest.fixture(scope="module")
def flowers_service(sqlite_service: Service) -> Service:
    """The shared server, with a version of the model `flowers`."""
    sqlite_service.train(FLOWERS | {"model": "flowers"})
    return sqlite_service


@pytest.fixture
def choose(page: Page) -> Callable[..., None]:
    """`choose("flowers/production")` asks for the form of a version, and waits until it is there."""

    def choose(version: str, page: Page = page) -> None:
        field = page.get_by_label("Version", exact=True)
        if field.input_value() == version:
            return
        before = page.locator("#prediction-form").element_handle()
        field.select_option(version)
        page.wait_for_function("form => !form.isConnected", arg=before)

    return choose
