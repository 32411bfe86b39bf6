"""Who holds a job: one worker at a time, and nobody writes for a job that is no longer theirs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from service.problems import Conflict
from service.registry.jobs import jobs, progress
from service.registry.jobs.jobs import Claim, ClaimLost
from service.registry.jobs.queue import ready_jobs
from service.registry.models import curves, versions
from service.registry.models.models import get_row
from tests.support.registry_rows import new_job, new_version


def add(registry, **chosen):
    with registry.write() as session:
        return jobs.add(session, new_job(**chosen)).id


def claim(registry, job, worker="worker"):
    with registry.write() as session:
        return jobs.claim(session, job, worker, lease_seconds=30)


def test_of_many_workers_one_wins_the_claim(registry):
    job = add(registry)
    with ThreadPoolExecutor(8) as workers:
        won = list(workers.map(lambda number: claim(registry, job, f"worker-{number}"), range(8)))
    winners = [row for row in won if row is not None]
    assert [(row.state, row.attempt) for row in winners] == [("running", 1)]


def test_a_job_whose_time_has_not_come_is_not_claimed(registry):
    job = add(registry, not_before=datetime.now(UTC) + timedelta(hours=1))
    assert claim(registry, job) is None
    with registry.read() as session:
        assert ready_jobs(session, 10) == []


def test_the_most_urgent_and_then_the_oldest_job_is_first(registry):
    ids = [add(registry, priority=priority) for priority in (0, 5, 0, 5)]
    with registry.read() as session:
        assert ready_jobs(session, 10) == [ids[1], ids[3], ids[0], ids[2]]


def test_an_attempt_that_lost_its_job_can_write_nothing(registry, running):
    old = running()
    with registry.write() as session:
        jobs.requeue(session, old)
    new = claim(registry, old.job)
    assert new.attempt == 2
    point = {"epoch": 1, "loss": 0.5}
    writes = (
        lambda session: progress.write_progress(session, old, point, [point]),
        lambda session: progress.write_checkpoint(session, old, 1, b"state", [point]),
        lambda session: progress.heartbeat(session, old, 30),
        lambda session: jobs.requeue(session, old),
        lambda session: jobs.end(session, old, "succeeded"),
    )
    for write in writes:
        with pytest.raises(ClaimLost), registry.write() as session:
            write(session)
    with registry.read() as session:
        assert jobs.get_job(session, old.job).state == "running"
        assert progress.find_checkpoint(session, old.job) is None
        assert curves.get_of_job(session, old.job).items == []


def test_version_and_end_of_its_job_are_one_transaction(registry, running):
    held = running()

    def end_and_die():
        with registry.write() as session:
            jobs.end(session, held, "succeeded", version=versions.add(session, "iris", new_version(), "me"))
            raise RuntimeError("the process dies before the commit")

    with pytest.raises(RuntimeError):
        end_and_die()
    with registry.read() as session:
        assert jobs.get_job(session, held.job).state == "running"
        assert jobs.get_job(session, held.job).version is None
    with registry.write() as session:
        assert versions.add(session, "iris", new_version(job=held.job), "me") == 1


def test_a_hundred_registrations_at_once_give_each_number_once(registry):
    def register(number):
        with registry.write() as session:
            return versions.add(session, "iris", new_version(weights=str(number).encode()), "me")

    with ThreadPoolExecutor(16) as workers:
        numbers = list(workers.map(register, range(100)))
    assert sorted(numbers) == list(range(1, 101))
    with registry.read() as session:
        assert get_row(session, "iris").last_version == 100


def test_a_queued_job_is_cancelled_at_once_and_for_good(registry):
    job = add(registry)
    with registry.write() as session:
        assert jobs.interrupt(session, job, None).state == "cancelled"
    assert claim(registry, job) is None
    with pytest.raises(Conflict), registry.write() as session:
        jobs.interrupt(session, job, None)


def test_a_running_job_is_told_to_stop(registry, running):
    held = running()
    with registry.write() as session:
        assert jobs.interrupt(session, held.job, "best").state == "running"
    with registry.read() as session:
        assert progress.find_interruption(session, held) == "keep best"
        assert progress.find_interruption(session, Claim(held.job, 7)) == "lost"


def test_terminal_states_never_change(registry, running):
    held = running()
    with registry.write() as session:
        jobs.end(session, held, "failed", error={"title": "no"})
    for change in (jobs.requeue, lambda session, held: jobs.end(session, held, "succeeded")):
        with pytest.raises(ClaimLost), registry.write() as session:
            change(session, held)
