"""`POST /train`: rows or a file and a specification become a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.datasets.dependencies import ServiceProfiler, ServiceSandbox
from service.api.http.addresses import TRAINING
from service.api.http.dependencies import Actor, IdempotencyKey, JobEngine, ServiceDatabase, ServiceSettings
from service.api.http.request_body import describe_body, schema_reference
from service.api.http.routing import resource_router
from service.api.http.uploads import uploads
from service.api.jobs.responses import Prefer, job_response
from service.api.training.request_data import describe_form, receive
from service.datasets.sandbox.inline_data import NewData, ReceivedTraining, fingerprint_of
from service.datasets.sandbox.training_check import TrainingPlan
from service.jobs.submission import JobSubmission, full_request, new_job
from service.registry.idempotency import Idempotency
from service.schemas.errors.specification import read_specification
from service.schemas.job import Job
from service.schemas.training import DryRun, TrainRequest, TrainSpecification

router = resource_router("Training")
DryRunQuery = Annotated[bool, Query(description="Return what would be trained, without storing or starting anything.")]
_LOCATION = {"Location": {"description": "The job's address.", "schema": {"type": "string"}}}
_REPLAYED = {
    "Idempotent-Replayed": {
        "description": "`true` if an earlier request with this key created the job.",
        "schema": {"type": "string"},
    }
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": Job | DryRun, "description": "The job, if it has ended in time; or the result of `dry_run`."},
    202: {"model": Job, "description": "The job is queued.", "headers": _LOCATION | _REPLAYED},
}
BODY = describe_body(TRAINING, schema_reference(TrainRequest), describe_form('{"model": "iris", "label": "species"}'))


@dataclass(frozen=True)
class TrainingSubmission:
    """Turns a specification and its data into a job, in the way that the caller prefers."""

    jobs: JobSubmission
    engine: JobEngine
    profiler: ServiceProfiler
    actor: Actor
    response: Response
    dry_run: bool
    prefer: str | None
    idempotency_key: str | None

    async def submit(
        self, received: ReceivedTraining, specification: TrainSpecification, identity: Any
    ) -> Job | DryRun:
        """Queue the training, or return its plan with `dry_run`. Requests with an equal `identity` are the same.

        Raises the problem of a training that can't be run.
        """
        self.actor.require("train", model=specification.model)
        idempotency = self._idempotency(identity, received.data)
        if idempotency is not None:
            earlier_job = await run_in_threadpool(self.jobs.find_replay, idempotency)
            if earlier_job is not None:
                return await self._answer(earlier_job, replayed=True)
        recipe, dataset = await run_in_threadpool(self.jobs.resolve, specification, received.data)
        plan = await self.jobs.examine(received, recipe, dataset)
        if self.dry_run:
            self.response.status_code = 200
            return _dry_run(specification, plan, dataset)
        new = new_job(specification, plan, dataset, self.actor.name)
        job, replayed = await run_in_threadpool(self.jobs.enqueue, new, received.data, idempotency)
        if not replayed:
            self.engine.submit(job.id)
            await self._begin_profile(received.data, recipe.header)
        return await self._answer(job, replayed=replayed)

    async def _begin_profile(self, data: NewData | str, has_header: bool | None) -> None:
        """Profile an upload without waiting. Of a few inline rows the first look at the dataset makes the profile."""
        if isinstance(data, NewData) and data.staged is not None:
            await self.profiler.profile(data.id, patience_seconds=0, has_header=has_header)

    def _idempotency(self, identity: Any, data: NewData | str) -> Idempotency | None:
        if self.idempotency_key is None or self.dry_run:
            return None
        return Idempotency(self.idempotency_key, fingerprint_of(identity, data if isinstance(data, str) else data.id))

    async def _answer(self, job: Job, *, replayed: bool) -> Job:
        return await job_response(job, self.response, self.jobs.database, self.prefer, replayed=replayed)


async def _submission(
    response: Response,
    settings: ServiceSettings,
    database: ServiceDatabase,
    engine: JobEngine,
    sandbox: ServiceSandbox,
    profiler: ServiceProfiler,
    actor: Actor,
    dry_run: DryRunQuery = False,
    prefer: Prefer = None,
    idempotency_key: IdempotencyKey = None,
) -> TrainingSubmission:
    return TrainingSubmission(
        JobSubmission(settings, database, sandbox),
        engine,
        profiler,
        actor,
        response,
        dry_run,
        prefer,
        idempotency_key,
    )


Submission = Annotated[TrainingSubmission, Depends(_submission)]


@router.post("/train", status_code=202, response_model=None, summary="Train", responses=RESPONSES, openapi_extra=BODY)
async def train(request: Request, submission: Submission) -> Job | DryRun:
    """Train a network on rows, columns, a stored dataset or a file, and register it as a new version of `model`.

    Only `model`, `data` and `label` are required. Invalid requests are rejected immediately; otherwise the job is
    queued (`202`).
    """
    settings = submission.jobs.settings
    async with uploads(settings) as files:
        received = await receive(request, settings, files, submission.jobs.sandbox)
        specification = read_specification(received.specification, settings, received.root)
        return await submission.submit(received, specification, received.specification)


def _dry_run(specification: TrainSpecification, plan: TrainingPlan, dataset: str) -> DryRun:
    return DryRun.model_validate(
        {
            "request": full_request(specification, plan, dataset),
            "task": plan.task,
            "columns": plan.columns,
            "n_parameters": plan.n_parameters,
            "warnings": plan.warnings,
        }
    )
