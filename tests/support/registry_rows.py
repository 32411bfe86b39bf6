"""Jobs and versions to insert into a registry without a training."""

from service.registry.jobs.jobs import NewJob
from service.registry.models.versions import NewVersion


def new_job(model: str = "iris", **fields) -> NewJob:
    return NewJob(kind="train", model=model, request={"model": model}, **fields)


def new_version(weights: bytes = b"weights", **fields) -> NewVersion:
    signature = {"features": [], "outputs": []}
    metrics = {"training": None, "validation": None}
    return NewVersion(
        task="regression", signature=signature, metrics=metrics, weights=weights, environment={}, **fields
    )
