"""Jobs on a version: reproduce it, evaluate it on data, predict a whole dataset."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from service.api.datasets.dependencies import ServiceSandbox
from service.api.examples.iris import DATASET
from service.api.http.addresses import TRAINING
from service.api.http.dependencies import Actor, JobEngine, ServiceDatabase, ServiceSettings
from service.api.http.request_body import describe_body
from service.api.http.routing import resource_router
from service.api.http.uploads import uploads
from service.api.jobs.responses import Prefer, job_response
from service.api.training.request_data import describe_form, receive
from service.datasets.sandbox.inline_data import NewData, ReceivedTraining
from service.jobs import queue
from service.jobs.submission import JobSubmission
from service.problems import Conflict
from service.registry import Session, datasets
from service.registry.database import Database
from service.registry.jobs.jobs import NewJob
from service.registry.models import comparison, versions
from service.schemas.comparison import ComparisonRequest
from service.schemas.errors.validation import invalid_input
from service.schemas.job import Job
from service.schemas.names import Name, VersionReference
from service.schemas.strict import Request as Strict
from service.settings import Settings

router = resource_router("Versions")
R = TypeVar("R", bound=Strict)

KINDS_OF_DATA = ("InlineRows", "InlineColumns", "StoredData")
DATA = {"anyOf": [{"$ref": f"#/components/schemas/{kind}"} for kind in KINDS_OF_DATA]}
ROWS: dict[str, Any] = {
    "schema": {"type": "object", "required": ["data"], "properties": {"data": DATA}, "additionalProperties": False},
    "example": {"data": {"dataset": DATASET}},
}
BODY = describe_body(TRAINING, ROWS, describe_form())


class NoFields(Strict):
    """A request that has no fields besides its data."""


@dataclass(frozen=True)
class VersionJobSubmission:
    """Turns a version and data into a job, in the way that the caller prefers."""

    jobs: JobSubmission
    engine: JobEngine
    actor: Actor
    response: Response
    prefer: str | None

    async def submit(self, kind: str, name: str, ref: str, request: Request) -> Job:
        """Queue a job of one version. Raises NotFound and Gone, and the problem of a body that can't be read."""

        async def create_job(received: ReceivedTraining) -> NewJob:
            _validate(NoFields, received)
            return await run_in_threadpool(self._of_version, kind, name, ref, received.data)

        return await self._submit(name, request, create_job)

    async def compare(self, name: str, request: Request) -> Job:
        """Queue a comparison. Raises NotFound and Gone, and the problem of a body that can't be read."""

        async def create_job(received: ReceivedTraining) -> NewJob:
            comparison_request = _validate(ComparisonRequest, received)
            return await run_in_threadpool(self._of_versions, name, comparison_request.versions, received.data)

        return await self._submit(name, request, create_job)

    async def _submit(
        self, name: str, request: Request, create_job: Callable[[ReceivedTraining], Awaitable[NewJob]]
    ) -> Job:
        self.actor.require("read", model=name)
        jobs = self.jobs
        async with uploads(jobs.settings) as files:
            received = await receive(request, jobs.settings, files, jobs.sandbox)
            new = await create_job(received)
            job, _ = await run_in_threadpool(jobs.enqueue, new, received.data, None)
        self.engine.submit(job.id)
        return await job_response(job, self.response, jobs.database, self.prefer, replayed=False)

    def _of_version(self, kind: str, name: str, ref: str, data: NewData | str) -> NewJob:
        with self.jobs.database.read() as session:
            version, _ = versions.get_version(session, name, ref)
            dataset = _dataset(session, data)
        request = {"model": name, "version": version.version, "data": {"dataset": dataset}}
        return NewJob(kind=kind, model=name, request=request, dataset=dataset, created_by=self.actor.name)

    def _of_versions(self, name: str, references: Sequence[str | int], data: NewData | str) -> NewJob:
        with self.jobs.database.read() as session:
            rows = comparison.find_all(session, name, references, ["body", "versions"])
            dataset = _dataset(session, data)
        numbers = [version.version for version in rows]
        request = {"model": name, "versions": numbers, "data": {"dataset": dataset}}
        return NewJob(kind="compare", model=name, request=request, dataset=dataset, created_by=self.actor.name)


def _dataset(session: Session, data: NewData | str) -> str:
    return datasets.get_row(session, data).id if isinstance(data, str) else data.id


async def _submission(
    response: Response,
    settings: ServiceSettings,
    database: ServiceDatabase,
    engine: JobEngine,
    sandbox: ServiceSandbox,
    actor: Actor,
    prefer: Prefer = None,
) -> VersionJobSubmission:
    return VersionJobSubmission(JobSubmission(settings, database, sandbox), engine, actor, response, prefer)


VersionJobs = Annotated[VersionJobSubmission, Depends(_submission)]


def _validate(schema: type[R], received: ReceivedTraining) -> R:
    try:
        return schema.model_validate(received.specification)
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False), received.root, schema) from None


@router.post("/models/{name}/versions/{ref}/reproduce", status_code=202, summary="Reproduce a version")
def reproduce(
    name: Name,
    ref: VersionReference,
    database: ServiceDatabase,
    settings: ServiceSettings,
    engine: JobEngine,
    actor: Actor,
    response: Response,
) -> Job:
    """Queue a job that trains again from the stored request and data, and compares the weights bit by bit.

    Its `result` is `{"identical": true}`, or the first difference and how the environments differ.
    """
    actor.require("train", model=name)
    with database.read() as session:
        version, _ = versions.get_version(session, name, ref)
    if version.request is None or version.dataset is None:
        raise Conflict("This version was imported without its training request and data, so it can't be reproduced.")
    request = {"model": name, "version": version.version}
    new = NewJob(kind="reproduce", model=name, request=request, dataset=version.dataset, created_by=actor.name)
    return _submit(new, database, settings, engine, response)


@router.post(
    "/models/{name}/versions/{ref}/evaluate",
    status_code=202,
    summary="Evaluate a version on other data",
    openapi_extra=BODY,
)
async def evaluate(name: Name, ref: VersionReference, request: Request, submission: VersionJobs) -> Job:
    """Queue a job whose `result` is every metric of the task on rows, a file or a dataset that has the label."""
    return await submission.submit("evaluate", name, ref, request)


@router.post(
    "/models/{name}/versions/{ref}/batch",
    status_code=202,
    summary="Predict a whole dataset",
    openapi_extra=BODY,
)
async def batch(name: Name, ref: VersionReference, request: Request, submission: VersionJobs) -> Job:
    """Queue a job that predicts every row of a dataset, a file or rows. Its `result` names a new dataset.

    That dataset is a CSV of all columns with the column `prediction` and, for classes, a `probability_…` for each.
    Download it from the link `content`.
    """
    return await submission.submit("batch", name, ref, request)


def _submit(new: NewJob, database: Database, settings: Settings, engine: JobEngine, response: Response) -> Job:
    with database.write() as session:
        job = _enqueue(session, new, settings)
    engine.submit(job.id)
    response.headers["Location"] = f"/jobs/{job.id}"
    return job


def _enqueue(session: Session, new: NewJob, settings: Settings) -> Job:
    datasets.hold(session, str(new.dataset))
    job, _ = queue.enqueue(session, new, most_queued=settings.max_queued_jobs)
    return job
