"""What becomes of a job whose worker is gone."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from service.jobs import recovery
from service.registry.jobs import jobs, progress
from service.registry.jobs.jobs import Claim
from service.registry.tables import JobRow


def claim_again(registry, job):
    with registry.write() as session:
        return Claim(job, jobs.claim(session, job, "worker", lease_seconds=30).attempt)


def test_a_worker_that_dies_three_times_before_a_checkpoint_fails_the_job(registry, running):
    held = running()
    for _ in range(2):
        with registry.write() as session:
            assert recovery.recover_worker(session, "worker", most_losses=3) == [held.job]
        claim_again(registry, held.job)
    with registry.write() as session:
        assert recovery.recover_worker(session, "worker", most_losses=3) == []
    with registry.read() as session:
        job = jobs.get_job(session, held.job)
    assert (job.state, job.attempt, job.error["type"]) == ("failed", 3, "/problems/worker-lost")


def test_an_attempt_that_wrote_a_checkpoint_does_not_count(registry, running):
    held = running()
    for _ in range(5):
        with registry.write() as session:
            progress.write_checkpoint(session, held, 1, b"state", [])
        with registry.write() as session:
            assert recovery.recover_worker(session, "worker", most_losses=3) == [held.job]
        held = claim_again(registry, held.job)
    assert held.attempt == 6


def test_a_lost_supervisor_or_machine_does_not_count(registry, running):
    held = running()
    for recover in [recovery.recover_all, recovery.recover_expired] * 3:
        with registry.write() as session:
            session.execute(update(JobRow).values(lease_expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        with registry.write() as session:
            assert recover(session) == [held.job]
        held = claim_again(registry, held.job)
    assert held.attempt == 7


def test_a_worker_that_still_answers_is_left_alone(registry, running):
    running()
    with registry.write() as session:
        assert recovery.recover_expired(session) == []
        assert recovery.recover_worker(session, "another worker", most_losses=3) == []
