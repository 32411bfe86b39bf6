"""The rules of the queue: what is taken in, what an Idempotency-Key means, what may be retried."""

from __future__ import annotations

from dataclasses import dataclass

from service.problems import Conflict, InvalidInput, TooManyRequests, input_error
from service.registry import Session, jobs
from service.registry.jobs import NewJob
from service.registry.queue_length import QueueLength
from service.schemas.job import Job


@dataclass(frozen=True)
class Idempotency:
    """A caller's key, and the digest of what was sent with it."""

    key: str
    fingerprint: str


def enqueue(
    session: Session, new: NewJob, *, most_queued: int, idempotency: Idempotency | None = None
) -> tuple[Job, bool]:
    """Queue a job; returns it and whether the key had made it before.

    Raises TooManyRequests when the queue is full and InvalidInput when the key was used for another request. Two equal
    requests at the same time: on PostgreSQL the second one's commit fails on the key, and it is to be asked again.
    """
    if idempotency is not None:
        earlier = find_replay(session, idempotency)
        if earlier is not None:
            return earlier, True
    length: QueueLength = session.info["queue length"]
    if length.reaches(session, most_queued):
        raise TooManyRequests(
            f"The queue is full ({most_queued} jobs). Come back when some are done.", headers={"Retry-After": "10"}
        )
    job = jobs.add(session, new)
    if idempotency is not None:
        jobs.add_key(session, idempotency.key, idempotency.fingerprint, job.id)
    return job, False


def find_replay(session: Session, idempotency: Idempotency) -> Job | None:
    """The job that the key made, if it did. Raises InvalidInput when that was another request."""
    row = jobs.find_by_key(session, idempotency.key)
    if row is None:
        return None
    if row.fingerprint != idempotency.fingerprint:
        raise InvalidInput(
            "This Idempotency-Key was used for another request. Take a new key for a new request.",
            errors=[input_error(["header", "Idempotency-Key"], "idempotency-key", "used for another request")],
        )
    return jobs.get_job(session, row.job)


def retry(session: Session, job: str, actor: str, *, most_queued: int) -> Job:
    """Queue a failed or cancelled job again, as a new job. Raises NotFound and Conflict."""
    row = jobs.get_row(session, job)
    if row.state not in {"failed", "cancelled"}:
        raise Conflict(f"Only a failed or cancelled job can be retried; this one is {row.state}.")
    again = NewJob(
        kind=row.kind,
        model=row.model,
        request=row.request,
        dataset=row.dataset,
        warnings=row.warnings,
        priority=row.priority,
        created_by=actor,
    )
    return enqueue(session, again, most_queued=most_queued)[0]
