"""A job's events as a stream, for progress bars and live curves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from service.api.http.dependencies import Actor, ServiceDatabase
from service.api.http.identifiers import JobId
from service.api.http.routing import resource_router
from service.api.jobs.event_broadcast import Broadcaster
from service.media_types import EVENT_STREAM
from service.registry.database import Database
from service.registry.jobs import jobs
from service.schemas.job import TERMINAL

router = resource_router("Jobs")
EXAMPLE = 'id: 3\nevent: progress\ndata: {"epoch": 40, "epochs": 200, "loss": 0.21}\n\n'
LastEventId = Annotated[
    str | None,
    Header(pattern=r"^\d{0,15}$", description="Continue after the event with this `id`."),
]


@router.get(
    "/jobs/{job}/events",
    summary="Follow a job",
    response_class=StreamingResponse,
    responses={
        200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}, "example": EXAMPLE}}},
        204: {"description": "The job has ended, and there are no further events."},
    },
)
async def follow_job(
    job: JobId, request: Request, database: ServiceDatabase, actor: Actor, last_event_id: LastEventId = None
) -> Response:
    """Server-sent events: `state` with the job, `progress`, `warning`. The stream ends after the job's last state.

    Comments are heartbeats. Each event has an `id`; a client that reconnects with it as `Last-Event-ID` continues
    without a gap or a repeat, also after a restart of the server.
    """
    model, newest, has_ended = await run_in_threadpool(_find_state, database, job)
    actor.require("read", model=model)
    after = min(int(last_event_id or 0), newest)
    if has_ended and after == newest:
        return Response(status_code=204)
    broadcaster: Broadcaster = request.app.state.broadcaster
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(broadcaster.follow(job, after, newest), media_type=EVENT_STREAM, headers=headers)


def _find_state(database: Database, job: str) -> tuple[str, int, bool]:
    with database.read() as session:
        row = jobs.get_row(session, job)
        return row.model, row.last_event, row.state in TERMINAL
