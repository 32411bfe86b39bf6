"""The HTTP calls of the demo, the same that any client would make."""

import json
from typing import Any

import httpx
from iris import Flower

Json = dict[str, Any]

SPECIFICATION = {"model": "iris", "label": "species", "alias": "production", "training": {"epochs": 300, "seed": 7}}


class RequestFailed(Exception):
    """The service responded with an error, or a training failed."""


def client(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=60, trust_env=False)


def train(http: httpx.Client, csv_file: bytes) -> Json:
    """POST /train: the file and the specification, as a form; returns the queued job."""
    form = {"spec": json.dumps(SPECIFICATION)}
    return _json(http.post("/train", data=form, files={"file": ("iris.csv", csv_file, "text/csv")}))


def job(http: httpx.Client, job_id: str) -> Json:
    return _json(http.get(f"/jobs/{job_id}"))


def curve(http: httpx.Client, job: Json) -> list[Json]:
    """GET /jobs/{id}/curve: the loss by epoch, at most as many points as fit on a line."""
    return list(_json(http.get(f"/jobs/{job['id']}/curve", params={"points": 60}))["items"])


def predict(http: httpx.Client, version: int | str, flowers: list[Flower]) -> list[Json]:
    """POST /predict; `version` is a number or an alias."""
    inputs = [flower.measures for flower in flowers]
    response = _json(http.post("/predict", json={"model": "iris", "version": version, "inputs": inputs}))
    return list(response["predictions"])


def _json(response: httpx.Response) -> Json:
    if response.is_error:
        request = response.request
        raise RequestFailed(f"{request.method} {request.url} answered {response.status_code}: {response.text}")
    return dict(response.json())
