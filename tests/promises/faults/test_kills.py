"""A process that dies at any instant loses no job, makes no second version, and changes no bit of the weights."""

import signal
import time
from contextlib import closing

import httpx
import psutil
import pytest

from service.jobs.attempt.failpoints import PLACES
from service.registry.sqlite_library import library
from tests.support.long_trainings import (
    EPOCHS,
    digest,
    marker,
    only_version,
    trainer_of,
    trainers,
    training,
    wait_for_epoch,
    wait_until,
)
from tests.support.service import Service


def test_a_killed_training_ends_with_the_same_bits(start, calm_digest):
    service = start(workers=1)
    job = service.post("/train", json=training())["id"]
    for epoch in (50, 150):
        wait_for_epoch(service, job, epoch)
        trainer_of(service, job).kill()
    ended = service.wait_for(job)
    assert ended["attempt"] == 3
    assert digest(service, ended) == calm_digest
    only_version(service, "spirals")


@pytest.mark.parametrize(
    ("database", "place"),
    [("sqlite", place) for place in PLACES]
    + [("postgresql", place) for place in ("after-claim", "before-commit", "after-commit")],
    indirect=["database"],
)
def test_a_kill_at_any_named_place_loses_and_doubles_nothing(start, tmp_path, calm_digest, place):
    service = start(workers=1, failpoint=marker(tmp_path, place))
    ended = service.wait_for(service.post("/train", json=training())["id"])
    assert (tmp_path / place).exists(), f"nothing passed {place}"
    assert ended["attempt"] == (1 if place in ("before-claim", "after-commit") else 2)
    assert digest(service, ended) == calm_digest
    only_version(service, "spirals")
    curve = service.get(f"/jobs/{ended['id']}/curve")["items"]
    assert [point["epoch"] for point in curve] == list(range(1, EPOCHS + 1))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_after_a_power_cut_the_next_start_goes_on(start, calm_digest):
    service = start(workers=1)
    job = service.post("/train", json=training())["id"]
    wait_for_epoch(service, job, 100)
    service.process.kill_group()
    again = start(workers=1)
    ended = again.wait_for(job)
    assert ended["attempt"] == 2
    assert digest(again, ended) == calm_digest
    only_version(again, "spirals")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_processes_that_lost_their_supervisor_end_by_themselves(start, calm_digest):
    service = start(workers=2)
    job = service.post("/train", json=training())["id"]
    wait_for_epoch(service, job, 100)
    below = psutil.Process(service.process.pid).children(recursive=True)
    assert len(below) >= 3
    service.process.kill()
    wait_until(lambda: all(has_ended(process) for process in below), "the end of the processes below")
    again = start(workers=2)
    assert digest(again, again.wait_for(job)) == calm_digest


def test_a_stopped_service_hands_its_training_back(start, calm_digest):
    service = start(workers=1)
    job = service.post("/train", json=training())["id"]
    wait_for_epoch(service, job, 100)
    service.stop()
    again = start(workers=1)
    waiting = again.get(f"/jobs/{job}")
    assert waiting["attempt"] <= 2
    ended = again.wait_for(job)
    assert ended["attempt"] == 2
    assert digest(again, ended) == calm_digest


def test_a_frozen_worker_is_replaced_and_can_write_nothing_when_it_wakes(start, calm_digest):
    service = start(workers=2, lease_seconds=3)
    job = service.post("/train", json=training())["id"]
    wait_for_epoch(service, job, 50)
    frozen = trainer_of(service, job)
    frozen.suspend()
    ended = service.wait_for(job)
    assert ended["attempt"] >= 2  # more, where the machine is so busy that a healthy worker is silent for long
    if frozen.is_running():
        frozen.send_signal(signal.SIGCONT)
    assert digest(service, ended) == calm_digest
    only_version(service, "spirals")
    assert service.get(f"/jobs/{job}") == ended


def freeze_in_mid_write(service: Service, job: str) -> psutil.Process:
    """Suspend the trainer at work when it holds the lock of the SQLite database."""
    trainer = trainer_of(service, job)
    with closing(library.connect(service.data / "feedforward.db", timeout=0.3, isolation_level=None)) as database:
        for _ in range(1000):
            trainer.suspend()
            try:
                database.execute("BEGIN IMMEDIATE")
            except library.OperationalError:
                return trainer
            database.execute("ROLLBACK")
            trainer.resume()
            time.sleep(0.003)
    raise AssertionError("the trainer never wrote")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_worker_frozen_in_mid_write_is_ended_and_gives_the_database_free(start, calm_digest):
    service = start(workers=2, lease_seconds=3)
    job = service.post("/train", json=training())["id"]
    wait_for_epoch(service, job, 50)
    frozen = freeze_in_mid_write(service, job)
    ended = service.wait_for(job)
    wait_until(lambda: has_ended(frozen), "the end of the frozen worker")
    assert digest(service, ended) == calm_digest
    only_version(service, "spirals")


def test_a_training_that_kills_its_worker_each_time_fails_at_last(start):
    service = start(workers=1)
    specification = training()
    specification["training"]["checkpoint_every"] = EPOCHS
    job = service.post("/train", json=specification)["id"]
    for attempt in (1, 2, 3):
        wait_until(lambda attempt=attempt: service.get(f"/jobs/{job}")["attempt"] == attempt, f"attempt {attempt}")
        wait_for_epoch(service, job, 1)
        trainer_of(service, job).kill()
    ended = service.wait_for(job, state="failed")
    assert ended["error"]["type"] == "/problems/worker-lost"
    assert ended["version"] is None


def has_ended(process: psutil.Process) -> bool:
    """Also where nobody has collected it yet, as in a container without an init process."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def answers(service) -> bool:
    try:
        return service.http.get("/health/live").is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_killed_api_process_is_replaced_while_the_training_goes_on(start, calm_digest):
    service = start(workers=1)
    job = service.post("/train", json=training())["id"]
    wait_for_epoch(service, job, 50)
    below = psutil.Process(service.process.pid).children()
    [api] = [child for child in below if "feedforward.processes.api_process" in child.cmdline()]
    api.kill()
    api.wait(timeout=5)
    wait_until(lambda: answers(service), "a new API process")
    ended = service.wait_for(job)
    assert ended["attempt"] == 1
    assert digest(service, ended) == calm_digest
    assert len(trainers(service)) == 1
