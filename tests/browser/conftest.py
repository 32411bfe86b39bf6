"""What the browser tests share: a page of the SQLite server, and data that trains in a moment."""

import pytest

FLOWERS = [
    {"petal_length": 1.4, "petal_width": 0.2, "species": "setosa"},
    {"petal_length": 1.3, "petal_width": 0.3, "species": "setosa"},
    {"petal_length": 1.6, "petal_width": 0.2, "species": "setosa"},
    {"petal_length": 1.5, "petal_width": 0.4, "species": "setosa"},
    {"petal_length": 4.7, "petal_width": 1.4, "species": "versicolor"},
    {"petal_length": 4.5, "petal_width": 1.5, "species": "versicolor"},
    {"petal_length": 4.0, "petal_width": 1.3, "species": "versicolor"},
    {"petal_length": 4.6, "petal_width": 1.4, "species": "versicolor"},
]


@pytest.fixture(scope="session", params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """The pages only read: one kind of database is enough, where a test does not say otherwise."""
    return request.param


@pytest.fixture
def flowers() -> dict:
    """A specification that trains in a moment."""
    return {
        "model": "flowers",
        "label": "species",
        "data": {"rows": FLOWERS},
        "network": {"hidden": [4]},
        "training": {"epochs": 200, "seed": 1},
        "validation": {"fraction": 0},
        "alias": "production",
    }
