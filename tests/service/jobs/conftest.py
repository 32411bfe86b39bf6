"""The registry itself, on an empty database of each kind, and ready-made jobs and versions to put into it."""

from collections.abc import Callable, Iterator

import pytest

from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs.jobs import Claim, NewJob
from service.registry.migrate import ensure_current
from service.registry.models.versions import NewVersion


@pytest.fixture
def registry(database_url: str) -> Iterator[Database]:
    registry = Database(database_url)
    ensure_current(registry)
    yield registry
    registry.close()


def new_job(model: str = "iris", **chosen) -> NewJob:
    return NewJob(kind="train", model=model, request={"model": model}, **chosen)


def new_version(weights: bytes = b"weights", **chosen) -> NewVersion:
    signature = {"features": [], "outputs": []}
    metrics = {"training": None, "validation": None}
    return NewVersion(
        task="regression", signature=signature, metrics=metrics, weights=weights, environment={}, **chosen
    )


@pytest.fixture
def running(registry: Database) -> Callable[..., Claim]:
    """`running(model="a")` queues a job and claims it."""

    def start(worker: str = "worker", **chosen) -> Claim:
        with registry.write() as session:
            row = jobs.claim(session, jobs.add(session, new_job(**chosen)).id, worker, lease_seconds=30)
            return Claim(row.id, row.attempt)

    return start
