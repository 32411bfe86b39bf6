"""Two servers, one on each kind of database; networks of every kind; and an exported version."""

from collections.abc import Callable

import httpx
import pytest

from models.data.columns import infer_table
from models.fitting.fit import fit
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from models.preparation.prepare import prepare
from models.specification import NetworkSpecification, Poisson, Recipe, TrainingSpecification
from tests.support.archives import IRIS
from tests.support.service import Service
from tests.support.training.tables import DATES, FEATURES, mixed_raw


@pytest.fixture
def elsewhere(database: str, request: pytest.FixtureRequest) -> Service:
    """A server on the other kind of database than `server`."""
    return request.getfixturevalue("fleet_service" if database == "sqlite" else "sqlite_service")


@pytest.fixture
def send(http: httpx.Client, name: str) -> Callable[..., httpx.Response]:
    """`send(content)` imports a zip archive, or what `kind` says, as a version of this test's model."""

    def send(content: bytes, kind: str = "application/zip", **headers: str) -> httpx.Response:
        return http.post(f"/models/{name}/versions", content=content, headers={"Content-Type": kind, **headers})

    return send


@pytest.fixture(scope="session")
def networks() -> dict[str, TrainedNetwork]:
    """Every task and type of feature, calibrated on held-out rows."""
    table = infer_table(mixed_raw(120), DATES)

    def trained(label: str | tuple[str, ...], **training: object) -> TrainedNetwork:
        recipe = Recipe(
            label=label,
            features=FEATURES,
            network=NetworkSpecification(hidden=(5, 3), batch_norm=label == "size"),
            training=TrainingSpecification(epochs=2, seed=3, **training),
            task="regression" if training else None,
        )
        return fit(prepare(table, recipe)).trained

    return {
        "classes": trained("size"),
        "two classes": trained("bought"),
        "number": trained("amount"),
        "numbers": trained(("amount", "age_in_years")),
        "counts": trained("age_in_years", loss=Poisson()),
        "labels": trained(("bought", "old")),
    }


@pytest.fixture(scope="session")
def weights(networks: dict[str, TrainedNetwork]) -> bytes:
    """The safetensors form of one of them."""
    return safetensors.dumps(networks["number"])


@pytest.fixture(scope="session")
def exports() -> dict[str, bytes]:
    return {}


@pytest.fixture
def exported(server: Service, exports: dict[str, bytes]) -> bytes:
    """A version that was trained on each server, as it was exported there; trained once."""
    if server.url not in exports:
        server.train_file({"model": "moved", "label": "species", "training": {"epochs": 5}, "tags": {"a": "b"}}, IRIS)
        server.get(f"/datasets/{server.get('/models/moved/versions/1')['dataset']}")  # has it profiled
        exports[server.url] = server.http.get("/models/moved/versions/1/export").content
    return exports[server.url]
