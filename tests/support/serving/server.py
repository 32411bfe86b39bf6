"""A server without workers, for whose database the tests register versions."""

import subprocess
from dataclasses import dataclass
from itertools import count

import httpx

from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from service.registry.database import Database
from service.registry.models import aliases, versions
from service.schemas.registry import AliasTarget

_NAMES = count(1)


@dataclass
class Serving:
    """A server with an HTTP client, and its database, to which the test writes from another process."""

    url: str
    http: httpx.Client
    database: Database
    process: subprocess.Popen

    def register(self, trained: TrainedNetwork, model: str | None = None) -> str:
        """Register a version, by default of a new model; returns the model's name."""
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
