"""Jobs: list, follow, cancel and retry them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from service.api.http.dependencies import (
    DEFAULT_LIMIT,
    Actor,
    Cursor,
    JobEngine,
    Limit,
    ReadSession,
    ServiceDatabase,
    ServiceSettings,
)
from service.api.http.identifiers import JobId
from service.api.http.routing import resource_router
from service.api.jobs.curves import CURVE_TYPES, Points, curve_response
from service.jobs import queue
from service.registry.jobs import jobs
from service.registry.models import curves
from service.schemas.job import Cancellation, Curve, Job, State
from service.schemas.names import Name
from service.schemas.strict import Page

router = resource_router("Jobs")
StateQuery = Annotated[State | None, Query(description="Only jobs in this state.")]
ModelQuery = Annotated[Name | None, Query(description="Only jobs of this model.")]


@router.get("/jobs", summary="List jobs")
def list_jobs(
    session: ReadSession,
    actor: Actor,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    state: StateQuery = None,
    model: ModelQuery = None,
) -> Page[Job]:
    """The jobs, newest first, without their requests."""
    actor.require("read", model=model)
    return jobs.list_jobs(session, limit=limit, cursor=cursor, state=state, model=model)


@router.get("/jobs/{job}", summary="Get a job")
def get_job(job: JobId, session: ReadSession, actor: Actor) -> Job:
    """One job with its full request, including all defaults."""
    row = jobs.get_job(session, job)
    actor.require("read", model=row.model)
    return row


@router.post("/jobs/{job}/cancel", summary="Cancel a job")
def cancel_job(job: JobId, database: ServiceDatabase, actor: Actor, cancellation: Cancellation | None = None) -> Job:
    """A queued job ends at once, a running one within a second. 409 if it has already ended.

    With `{"keep": "best"}` a running training succeeds, with its best network so far as the version.
    """
    with database.write() as session:
        actor.require("train", model=jobs.get_job(session, job).model)
        return jobs.interrupt(session, job, (cancellation or Cancellation()).keep)


@router.post("/jobs/{job}/retry", status_code=202, summary="Retry a job")
def retry_job(
    job: JobId,
    database: ServiceDatabase,
    engine: JobEngine,
    settings: ServiceSettings,
    actor: Actor,
    response: Response,
) -> Job:
    """Queue the same request as a new job. 409 unless the job failed or was cancelled."""
    with database.write() as session:
        actor.require("train", model=jobs.get_job(session, job).model)
        new_job = queue.retry(session, job, actor.name, most_queued=settings.max_queued_jobs)
    engine.submit(new_job.id)
    response.headers["Location"] = f"/jobs/{new_job.id}"
    return new_job


@router.get(
    "/jobs/{job}/curve",
    summary="Get the learning curve",
    response_model=Curve,
    responses={200: {"content": CURVE_TYPES}},
)
def get_curve(
    job: JobId, request: Request, session: ReadSession, actor: Actor, points: Points = None
) -> Curve | Response:
    """Loss by epoch, as JSON or, with `Accept: text/csv`, as CSV; also while the training runs."""
    actor.require("read", model=jobs.get_job(session, job).model)
    return curve_response(request, curves.get_of_job(session, job, points))
