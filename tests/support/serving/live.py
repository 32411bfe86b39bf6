"""Hand-made versions on a running server, with their training rows and their logs."""

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from service.registry.database import Database
from service.registry.models import versions

LONG_ENOUGH_SECONDS = 30


@dataclass
class Live:
    """A service, and its database, to which the test may write as another process would."""

    http: httpx.Client
    registry: Database

    def register(
        self, trained: TrainedNetwork, rows: Sequence[dict[str, Any]] | None = None, model: str | None = None
    ) -> str:
        """Register a version with its training rows, by default of a new model; returns the model's name."""
        name = model or f"m-{uuid.uuid4().hex[:12]}"
        new = versions.NewVersion(
            task=trained.task,
            signature=trained.signature.to_json(),
            metrics={"training": None, "validation": None},
            weights=safetensors.dumps(trained),
            environment={},
            dataset=None if rows is None else self._dataset(rows),
        )
        with self.registry.write() as session:
            versions.add(session, name, new, "test")
        return name

    def _dataset(self, rows: Sequence[dict[str, Any]]) -> str:
        content = "\n".join(map(json.dumps, rows))
        response = self.http.post("/datasets", content=content, headers={"Content-Type": "application/x-ndjson"})
        assert response.is_success, response.text
        return response.json()["id"]

    def log(self, model: str, **settings: Any) -> dict[str, Any]:
        """Log the predictions of the model, by default all."""
        response = self.http.put(f"/models/{model}/prediction-log", json={"sample": 1} | settings)
        assert response.is_success, response.text
        return response.json()

    def predict(self, model: str, inputs: Sequence[Any], **options: Any) -> str:
        """Predict these rows; returns the request's id."""
        response = self.http.post(f"/models/{model}/predict", json={"inputs": inputs}, **options)
        assert response.status_code == 200, response.text
        return response.headers["X-Request-ID"]

    def wait_logged(self, model: str, rows: int) -> list[dict[str, Any]]:
        """The newest logged rows, once there are so many."""
        deadline = time.monotonic() + LONG_ENOUGH_SECONDS
        while (logged := self.http.get(f"/models/{model}/prediction-log").json()["rows"]) < rows:
            assert time.monotonic() < deadline, f"{logged} of {rows} rows were logged"
            time.sleep(0.05)
        assert logged == rows
        return self.http.get(f"/models/{model}/predictions?limit=200").json()["items"]

    def get(self, path: str, **options: Any) -> Any:
        response = self.http.get(path, **options)
        assert response.is_success, response.text
        return response.json()

    def post(self, path: str, **options: Any) -> Any:
        response = self.http.post(path, **options)
        assert response.is_success, response.text
        return response.json()
