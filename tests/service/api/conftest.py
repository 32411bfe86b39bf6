"""The registry of the running server, to put models and jobs into it without waiting for a training."""

import time
from collections.abc import Callable, Iterator

import pytest

from models.data.columns import infer_table
from models.fitting.fit import fit
from models.formats import safetensors
from models.preparation.prepare import prepare
from models.specification import Recipe
from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs.jobs import Claim, NewJob
from service.registry.models import aliases, versions
from service.registry.models.versions import NewVersion
from service.schemas.registry import AliasTarget
from tests.support.service import Service


@pytest.fixture
def registry(server: Service) -> Iterator[Database]:
    """The database that the server serves."""
    registry = Database(server.database_url)
    yield registry
    registry.close()


@pytest.fixture(scope="session")
def weights() -> bytes:
    """The safetensors bytes of a small network."""
    rows = {"x": [0.0, 1.0, 2.0, 3.0] * 5, "y": [0.0, 2.0, 4.0, 6.0] * 5}
    table = infer_table(rows, {})
    recipe = Recipe.from_json(
        {"label": "y", "task": "regression", "training": {"epochs": 2, "seed": 1}, "network": {"hidden": [2]}}
    )
    return safetensors.dumps(fit(prepare(table, recipe)).trained)


@pytest.fixture
def add_versions(registry: Database, weights: bytes) -> Callable[..., None]:
    """`add_versions("iris", 3)` registers three versions."""

    def add(model: str, count: int = 1, **chosen) -> None:
        with registry.write() as session:
            for _ in range(count):
                versions.add(session, model, _new_version(weights, **chosen), "test")

    return add


def _new_version(weights: bytes, **chosen) -> NewVersion:
    feature = {"name": "x", "type": "number", "nullable": False}
    signature = {"features": [feature], "outputs": [{"name": "y", "type": "number"}]}
    metrics = {"training": {"r2": 1.0}, "validation": None}
    fields = {"task": "regression", "signature": signature, "metrics": metrics, "environment": {}} | chosen
    return NewVersion(weights=weights, **fields)


@pytest.fixture
def point(registry: Database) -> Callable[..., None]:
    """`point("iris", "production", 2)` moves an alias."""

    def move(model: str, alias: str, version: int) -> None:
        with registry.write() as session:
            aliases.move(session, model, alias, AliasTarget(version=version), "test")

    return move


@pytest.fixture
def running(registry: Database, name: str) -> Claim:
    """A job that runs in this test's hands: no worker of the server ever sees it queued."""
    with registry.write() as session:
        job = jobs.add(session, NewJob(kind="train", model=name, request={"model": name}))
        jobs.claim(session, job.id, "test", lease_seconds=3600)
        return Claim(job.id, 1)


@pytest.fixture
def eventually() -> Callable[..., object]:
    """`eventually(look)` looks again until it sees something, for at most ten seconds."""

    def wait_for(look: Callable[[], object]) -> object:
        deadline = time.monotonic() + 10
        while not (seen := look()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return seen

    return wait_for
