"""`POST /train`: rows or a file and a specification become a job."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated

from fastapi import Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.dependencies import Actor, JobEngine, ServiceDatabase, ServiceSettings
from service.api.examiners import ServiceExaminer
from service.api.routing import resource_router
from service.api.specification_faults import read_specification
from service.api.training_data import NewData, fingerprint_of, receive
from service.api.training_intake import Intake, full_request, new_job
from service.api.uploads import uploads
from service.datasets.examining import Examination
from service.problems import InvalidInput, input_error
from service.registry import jobs
from service.registry.database import Database
from service.registry.idempotency import Idempotency
from service.schemas.job import TERMINAL, Job
from service.schemas.training import DryRun, TrainSpecification

router = resource_router("Training")

LONGEST_WAIT_SECONDS = 60.0
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.1
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=255, description="The same key and body make one job only."
    ),
]
Prefer = Annotated[str | None, Header(description="`wait=SECONDS` (at most 60): answer when the job has ended.")]
OnlyLook = Annotated[bool, Query(description="Say what would be trained; store nothing and start nothing.")]


@router.post("/train", status_code=202, include_in_schema=False, response_model=Job | DryRun)
async def train(
    request: Request,
    response: Response,
    settings: ServiceSettings,
    database: ServiceDatabase,
    engine: JobEngine,
    examiner: ServiceExaminer,
    actor: Actor,
    dry_run: OnlyLook = False,
    prefer: Prefer = None,
    idempotency_key: IdempotencyKey = None,
) -> Job | DryRun:
    """Described by `train_operations`, since its body is streamed and no parameter of this function."""
    intake = Intake(settings, database, examiner)
    async with uploads(settings) as kept:
        received = await receive(request, settings, kept, examiner)
        specification = read_specification(received.specification, settings, received.root)
        actor.require("train", model=specification.model)
        idempotency = _idempotency(idempotency_key, received.specification, received.data)
        if idempotency is not None and not dry_run:
            earlier = await run_in_threadpool(intake.find_replay, idempotency)
            if earlier is not None:
                return await _answer(earlier, response, database, prefer, replayed=True)
        recipe, dataset = await run_in_threadpool(intake.resolve, specification, received.data)
        examination = await intake.examine(received, recipe, dataset)
        if dry_run:
            response.status_code = 200
            return _dry_run(specification, examination, dataset)
        new = new_job(specification, examination, dataset, actor)
        job, replayed = await run_in_threadpool(intake.enqueue, new, received.data, idempotency)
    if not replayed:
        engine.submit(job.id)
    return await _answer(job, response, database, prefer, replayed=replayed)


def _idempotency(key: str | None, specification: object, data: NewData | str) -> Idempotency | None:
    if key is None:
        return None
    return Idempotency(key, fingerprint_of(specification, data if isinstance(data, str) else data.id))


def _dry_run(specification: TrainSpecification, examination: Examination, dataset: str) -> DryRun:
    return DryRun.model_validate(
        {
            "request": full_request(specification, examination, dataset),
            "task": examination.task,
            "columns": examination.columns,
            "n_parameters": examination.n_parameters,
            "warnings": examination.warnings,
        }
    )


async def _answer(job: Job, response: Response, database: Database, prefer: str | None, *, replayed: bool) -> Job:
    response.headers["Location"] = f"/jobs/{job.id}"
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    seconds = seconds_to_wait(prefer)
    if seconds is None:
        return job
    job = await _wait(database, job, seconds)
    response.headers["Preference-Applied"] = f"wait={seconds:g}"
    if job.state in TERMINAL:
        response.status_code = 200
    return job


def seconds_to_wait(prefer: str | None) -> float | None:
    """The seconds of `wait=SECONDS` in a Prefer header (RFC 7240). Raises InvalidInput for what is no number."""
    for preference in (prefer or "").split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            if not re.fullmatch(r"\d{1,9}", value.strip().strip('"')):
                message = "wait takes whole seconds, as in wait=30"
                raise InvalidInput(
                    "Send `Prefer: wait=30`.", errors=[input_error(["header", "Prefer"], "invalid", message)]
                )
            return min(float(value.strip().strip('"')), LONGEST_WAIT_SECONDS)
    return None


async def _wait(database: Database, job: Job, seconds: float) -> Job:
    """The job as soon as it has ended, or as it is when the time is over."""
    deadline = asyncio.get_running_loop().time() + seconds
    pause = SHORTEST_PAUSE_SECONDS
    while job.state not in TERMINAL and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        job = await run_in_threadpool(_read_job, database, job.id)
    return job


def _read_job(database: Database, job: str) -> Job:
    with database.read() as session:
        return jobs.get_job(session, job)
