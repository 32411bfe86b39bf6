"""The response to a queued job: at once, or when it has ended (`Prefer: wait`)."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Annotated

from fastapi import Header, Response
from starlette.concurrency import run_in_threadpool

from service.problems import InvalidInput, Unavailable, input_error
from service.registry.database import Database
from service.registry.jobs import jobs
from service.schemas.job import TERMINAL, Job

LONGEST_WAIT_SECONDS = 60.0
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.1
Prefer = Annotated[str | None, Header(description="`wait=SECONDS` (at most 60): respond when the job has ended.")]


async def job_response(job: Job, response: Response, database: Database, prefer: str | None, *, replayed: bool) -> Job:
    """The job, once it has ended if the caller prefers to wait. Raises InvalidInput for an invalid preference."""
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
    """The seconds of `wait=SECONDS` in a Prefer header (RFC 7240). Raises InvalidInput unless they are a number."""
    for preference in (prefer or "").split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            if not re.fullmatch(r"\d{1,9}", value.strip().strip('"')):
                message = "wait must be a whole number of seconds, such as wait=30"
                raise InvalidInput(
                    "Send `Prefer: wait=30`.", errors=[input_error(["header", "Prefer"], "invalid", message)]
                )
            return min(float(value.strip().strip('"')), LONGEST_WAIT_SECONDS)
    return None


async def _wait(database: Database, job: Job, seconds: float) -> Job:
    """The job as soon as it has ended, or as it was last seen when the time is over.

    It is queued already, so a database that does not respond meanwhile is no reason to say otherwise.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    pause = SHORTEST_PAUSE_SECONDS
    while job.state not in TERMINAL and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        with suppress(Unavailable):
            job = await run_in_threadpool(_read_job, database, job.id)
    return job


def _read_job(database: Database, job: str) -> Job:
    with database.read() as session:
        return jobs.get_job(session, job)
