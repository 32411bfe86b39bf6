"""Two servers, one on each kind of database; networks of every kind; and archives made and unmade by hand."""

import hashlib
import io
import uuid
import zipfile
from collections.abc import Callable, Mapping

import httpx
import pytest

from models.data.columns import infer_table
from models.fitting.fit import fit
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from models.preparation.prepare import prepare
from models.specification import NetworkSpecification, Poisson, Recipe, TrainingSpecification
from tests.models.tables import DATES, FEATURES, mixed_raw
from tests.support.processes import PROJECT
from tests.support.service import Service

IRIS = PROJECT / "examples" / "iris.csv"
ZIP = {"Content-Type": "application/zip"}


@pytest.fixture
def name() -> str:
    """A model's name of this test's own."""
    return f"m-{uuid.uuid4().hex[:12]}"


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


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def archive_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Packed again as any program would, the checksums as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def summed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """With checksums that fit."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    return {**files, "SHA256SUMS": "".join(lines).encode()}


def fault_of(response: httpx.Response, status: int) -> dict:
    """The first fault of a problem document of this status."""
    assert response.status_code == status, response.text
    return response.json()["errors"][0]
