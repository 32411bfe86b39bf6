"""Work on a version that takes a while, and so is a job: train it again, judge it on other data."""

from __future__ import annotations

from fastapi import Response

from service.api.dependencies import Actor, JobEngine, ServiceDatabase, ServiceSettings
from service.api.routing import resource_router
from service.jobs import queue
from service.problems import Conflict
from service.registry import Session, datasets, versions
from service.registry.database import Database
from service.registry.jobs import NewJob
from service.schemas.job import Job
from service.schemas.names import Name, VersionReference
from service.schemas.strict import Request
from service.schemas.training import StoredData
from service.settings import Settings

router = resource_router("Versions")


class Evaluation(Request):
    """The rows to judge a version on: a stored dataset that has its label."""

    data: StoredData


@router.post("/models/{name}/versions/{ref}/reproduce", status_code=202, summary="Train a version again")
def reproduce(
    name: Name,
    ref: VersionReference,
    database: ServiceDatabase,
    settings: ServiceSettings,
    engine: JobEngine,
    actor: Actor,
    response: Response,
) -> Job:
    """A job that trains again from the stored request and data, and tells whether the weights are the same bits.

    Its `result` is `{"identical": true}`, or the first thing that differs and what of the environment does.
    """
    actor.require("train", model=name)
    with database.read() as session:
        version, _ = versions.get_version(session, name, ref)
    if version.request is None or version.dataset is None:
        raise Conflict("This version was imported: its training request and data are not here.")
    request = {"model": name, "version": version.version}
    new = NewJob(kind="reproduce", model=name, request=request, dataset=version.dataset, created_by=actor.name)
    return _queued(new, database, settings, engine, response)


@router.post("/models/{name}/versions/{ref}/evaluate", status_code=202, summary="Judge a version on other data")
def evaluate(
    name: Name,
    ref: VersionReference,
    evaluation: Evaluation,
    database: ServiceDatabase,
    settings: ServiceSettings,
    engine: JobEngine,
    actor: Actor,
    response: Response,
) -> Job:
    """A job whose `result` holds every metric of the task on the rows of a stored dataset; they must have the label."""
    actor.require("read", model=name)
    with database.read() as session:
        version, _ = versions.get_version(session, name, ref)
        dataset = datasets.get_row(session, evaluation.data.dataset).id
    request = {"model": name, "version": version.version, "data": {"dataset": dataset}}
    new = NewJob(kind="evaluate", model=name, request=request, dataset=dataset, created_by=actor.name)
    return _queued(new, database, settings, engine, response)


def _queued(new: NewJob, database: Database, settings: Settings, engine: JobEngine, response: Response) -> Job:
    with database.write() as session:
        job = _enqueue(session, new, settings)
    engine.submit(job.id)
    response.headers["Location"] = f"/jobs/{job.id}"
    return job


def _enqueue(session: Session, new: NewJob, settings: Settings) -> Job:
    datasets.hold(session, str(new.dataset))
    job, _ = queue.enqueue(session, new, most_queued=settings.max_queued_jobs)
    return job
