"""How many jobs of one model run at once, and that its queue does not hold up the others."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from service.jobs import queue
from service.problems import TooManyRequests
from service.registry.jobs import jobs
from service.registry.jobs import queue as queue_length
from service.registry.jobs.queue import count_queued, ready_jobs
from tests.support.registry_rows import new_job


def add(registry, model, **chosen):
    with registry.write() as session:
        return jobs.add(session, new_job(model, **chosen)).id


def claim(registry, job, most_per_model):
    with registry.write() as session:
        return jobs.claim(session, job, "worker", 30, most_per_model)


def test_workers_that_claim_at_the_same_moment_keep_the_limit_of_a_model(registry):
    ids = [add(registry, "crowded") for _ in range(8)]
    start = Barrier(8)

    def try_one(job):
        start.wait()
        return claim(registry, job, most_per_model=3)

    with ThreadPoolExecutor(8) as workers:
        won = [row for row in workers.map(try_one, ids) if row is not None]
    assert len(won) == 3


def test_a_job_that_found_no_room_runs_when_one_of_its_model_has_ended(registry):
    first, second = add(registry, "crowded"), add(registry, "crowded")
    held = claim(registry, first, most_per_model=1)
    assert claim(registry, second, most_per_model=1) is None
    with registry.write() as session:
        jobs.end(session, jobs.Claim(held.id, held.attempt), "succeeded")
    assert claim(registry, second, most_per_model=1).attempt == 1


def test_a_crowded_model_does_not_starve_the_others(registry):
    crowd = [add(registry, "crowded", priority=9) for _ in range(20)]
    others = [add(registry, "quiet"), add(registry, "calm")]
    with registry.read() as session:
        assert ready_jobs(session, 4, most_per_model=2) == [*crowd[:2], *others]
    claim(registry, crowd[0], most_per_model=2)
    claim(registry, crowd[1], most_per_model=2)
    with registry.read() as session:
        assert ready_jobs(session, 4, most_per_model=2) == others


def test_without_a_limit_a_model_may_have_all_workers(registry):
    ids = [add(registry, "crowded") for _ in range(3)]
    with registry.read() as session:
        assert ready_jobs(session, 10) == ids
    assert all(claim(registry, job, most_per_model=None) for job in ids)


def test_a_full_queue_takes_no_more_until_one_has_left(registry):
    ids = [add(registry, "m") for _ in range(3)]
    with registry.read() as session:
        assert count_queued(session, most=2) == 2
        assert count_queued(session, most=10) == 3
    with pytest.raises(TooManyRequests), registry.write() as session:
        queue.enqueue(session, new_job(), most_queued=3)
    claim(registry, ids[0], most_per_model=None)
    with registry.write() as session:
        assert queue.enqueue(session, new_job(), most_queued=3)[0].state == "queued"


def test_a_long_queue_is_counted_anew_when_it_is_nearly_full(registry, monkeypatch):
    monkeypatch.setattr(queue_length, "ALWAYS_COUNTED", 10)
    for _ in range(20):
        with registry.write() as session:
            queue.enqueue(session, new_job(), most_queued=20)
    with pytest.raises(TooManyRequests), registry.write() as session:
        queue.enqueue(session, new_job(), most_queued=20)
