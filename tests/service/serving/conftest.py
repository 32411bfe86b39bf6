"""A server without workers, on each kind of database, whose versions the tests register by themselves."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest

from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from service.registry.database import Database
from service.registry.models import aliases, versions
from service.schemas.registry import AliasTarget
from tests.support.launching import start_up
from tests.support.processes import FeedforwardProcess

_NAMES = count(1)


@dataclass
class Serving:
    """`http` speaks with the server; the registry's functions write to its database from this, another process."""

    url: str
    http: httpx.Client
    database: Database
    process: subprocess.Popen

    def register(self, trained: TrainedNetwork, model: str | None = None) -> str:
        """A new version of the model, by default of a new one, whose name is returned."""
        return self.register_bytes(trained, safetensors.dumps(trained), model)

    def register_bytes(self, trained: TrainedNetwork, weights: bytes, model: str | None = None) -> str:
        name = model or f"model-{next(_NAMES)}"
        new = versions.NewVersion(
            task=trained.task,
            signature=trained.signature.to_json(),
            metrics={"training": None, "validation": None},
            weights=weights,
            environment={},
        )
        with self.database.write() as session:
            versions.add(session, name, new, "test")
        return name

    def move(self, model: str, alias: str, version: int, **target: object) -> None:
        with self.database.write() as session:
            aliases.move(session, model, alias, AliasTarget(version=version, **target), "test")

    def delete(self, model: str, version: int) -> None:
        with self.database.write() as session:
            versions.delete_version(session, model, str(version), "test")

    def close(self) -> None:
        self.http.close()
        self.database.close()

    def ask(self, body: object, path: str = "/predict") -> httpx.Response:
        return self.http.post(path, json=body)

    def predict(self, model: str, inputs: list, **fields: object) -> list:
        response = self.ask({"model": model, "inputs": inputs, **fields})
        assert response.status_code == 200, response.text
        return response.json()["predictions"]


@pytest.fixture(scope="session")
def start_serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Serving]]:
    """`start_serving(database_url=None, **settings)`: on SQLite where no address is given."""
    running: list[Callable[[], object]] = []

    def start(database_url: str | None = None, **settings: object) -> Serving:
        folder: Path = tmp_path_factory.mktemp("serving")
        if database_url is None:
            service = start_up(folder / "data", workers=0, **settings)
            database = Database(f"sqlite:///{folder / 'data' / 'feedforward.db'}")
            serving = Serving(service.url, service.http, database, service.process.process)
            running.extend([service.stop, serving.close])
            return serving
        process = FeedforwardProcess(
            ["api", "--port", "0"], folder / "api.log", database_url=database_url, data=folder / "data", **settings
        )
        running.append(process.stop)
        url = process.wait_ready().rstrip("/")
        http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        serving = Serving(url, http, Database(database_url), process.process)
        running.append(serving.close)
        return serving

    yield start
    for stop in reversed(running):
        stop()


@pytest.fixture(scope="session")
def serving(database: str, start_serving: Callable[..., Serving], request: pytest.FixtureRequest) -> Iterator[Serving]:
    """One server for each kind of database, shared by the tests of this folder."""
    if database == "sqlite":
        yield start_serving()
        return
    with request.getfixturevalue("postgresql_server").database() as url:
        served = start_serving(url)
        yield served
        served.close()
