"""Jobs and versions for a registry without a training."""

from service.registry.jobs.jobs import NewJob
from service.registry.models.versions import NewVersion
from service.schemas.registry import Version


def new_job(model: str = "iris", **fields) -> NewJob:
    return NewJob(kind="train", model=model, request={"model": model}, **fields)


def new_version(weights: bytes = b"weights", **fields) -> NewVersion:
    signature = {"features": [], "outputs": []}
    metrics = {"training": None, "validation": None}
    return NewVersion(
        task="regression", signature=signature, metrics=metrics, weights=weights, environment={}, **fields
    )


def imported_version(**chosen) -> Version:
    """An imported version with nothing but what must be there."""
    here = "/models/m/versions/1"
    return Version.model_validate(
        {
            "model": "m", "version": 1, "created_at": "2026-01-02T03:04:05Z", "aliases": [], "task": "regression",
            "signature": {"features": [], "outputs": []}, "metrics": {"training": None, "validation": None},
            "dataset": None, "seed": None, "weights_sha256": "0" * 64, "weights_bytes": 3, "environment": {},
            "job": None, "duration_seconds": None, "warnings": [], "tags": {}, "description": "",
            "links": {"self": here}, **chosen,
        }
    )  # fmt: skip
