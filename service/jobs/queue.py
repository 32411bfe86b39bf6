"""The rules of the queue: which jobs it accepts, what an Idempotency-Key means, which jobs may be retried."""

from __future__ import annotations

from service.problems import Conflict, TooManyRequests
from service.registry import Session
from service.registry.idempotency import Idempotency, find_record, remember
from service.registry.jobs import jobs
from service.registry.jobs.jobs import NewJob
from service.registry.jobs.queue import QueueLength
from service.schemas.job import Job


def enqueue(
    session: Session, new: NewJob, *, most_queued: int, idempotency: Idempotency | None = None
) -> tuple[Job, bool]:
    """Queue a job; returns it and whether it is a replay, queued earlier with the same key.

    Raises TooManyRequests when the queue is full and InvalidInput when the key was used for another request. If two
    equal requests come at the same time, the second one's commit fails on the key on PostgreSQL: it must be repeated.
    """
    if idempotency is not None:
        replay = find_replay(session, idempotency)
        if replay is not None:
            return replay, True
    length: QueueLength = session.info["queue length"]
    if length.reaches(session, most_queued):
        raise TooManyRequests(
            f"The queue is full ({most_queued} jobs). Try again when some have ended.", headers={"Retry-After": "10"}
        )
    job = jobs.add(session, new)
    if idempotency is not None:
        remember(session, idempotency, job=job.id)
    return job, False


def find_replay(session: Session, idempotency: Idempotency) -> Job | None:
    """The job that this request created earlier, if any. Raises InvalidInput if the key belongs to another request."""
    record = find_record(session, idempotency)
    return None if record is None or record.job is None else jobs.get_job(session, record.job)


def retry(session: Session, job: str, actor: str, *, most_queued: int) -> Job:
    """Queue a failed or cancelled job again, as a new job. Raises NotFound and Conflict."""
    row = jobs.get_row(session, job)
    if row.state not in {"failed", "cancelled"}:
        raise Conflict(f"Only a failed or cancelled job can be retried; this one is {row.state}.")
    new = NewJob(
        kind=row.kind,
        model=row.model,
        request=row.request,
        dataset=row.dataset,
        warnings=row.warnings,
        priority=row.priority,
        created_by=actor,
    )
    return enqueue(session, new, most_queued=most_queued)[0]
