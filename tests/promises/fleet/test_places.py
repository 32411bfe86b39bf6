"""A worker command has a place for each of its trainers, and none is ever lost, whatever becomes of messages."""

import signal
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from service.jobs.engines.notifiers import FleetEngine
from service.registry.database import Database
from service.registry.jobs import jobs
from tests.support import logs
from tests.support.launching import start_fleet
from tests.support.long_trainings import trainers, training, wait_until
from tests.support.service import Service

PLACES = 2


@pytest.fixture
def url(postgresql_server) -> Iterator[str]:
    with postgresql_server.database() as url:
        yield url


@pytest.fixture
def service(url, tmp_path, request) -> Iterator[Service]:
    service = start_fleet(tmp_path / "data", url, concurrency=PLACES, lease_seconds=2)
    logs.watch(request.node, service)
    service.train(training("first", epochs=1))
    yield service
    service.stop()


def count_messages(url: str, status: str) -> int:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = %s", [status]).fetchone()[0]


def queue_one_that_waits_for_a_trainer(service: Service, url: str) -> str:
    """A job whose message a worker has taken, while both of its trainers have just been killed."""
    wait_until(lambda: len(trainers(service)) == PLACES, "all trainers")
    for trainer in trainers(service):
        trainer.kill()
    job = service.post("/train", json=training("waits"))["id"]
    wait_until(lambda: count_messages(url, "doing") == 1, "a worker that takes the message")
    assert service.get(f"/jobs/{job}")["state"] == "queued"
    return job


def all_places_work(service: Service) -> None:
    sent = [service.post("/train", json=training(f"long-{k}", epochs=100_000))["id"] for k in range(2 * PLACES)]
    states = lambda: [service.get(f"/jobs/{job}")["state"] for job in sent]  # noqa: E731
    wait_until(lambda: states().count("running") == PLACES, f"{PLACES} that run at once")
    for job in sent:
        service.post(f"/jobs/{job}/cancel")
    wait_until(lambda: set(states()) == {"cancelled"}, "the end of all")


def test_a_second_message_for_a_job_that_waits_takes_no_place(service, url):
    job = queue_one_that_waits_for_a_trainer(service, url)
    with closing(Database(url)) as database:
        FleetEngine(database).submit(job)
    wait_until(lambda: count_messages(url, "todo") == 0, "a worker that takes the second message")
    service.wait_for(job)
    all_places_work(service)


def test_a_lease_that_ends_while_its_job_s_message_waits_takes_no_place(service, url):
    job = queue_one_that_waits_for_a_trainer(service, url)
    with closing(Database(url)) as database, database.write() as session:
        assert jobs.claim(session, job, "a machine that is lost at once", lease_seconds=0.01) is not None
    ended = service.wait_for(job)
    assert ended["attempt"] == 2
    all_places_work(service)


def test_a_trainer_that_dies_before_it_has_said_a_word_of_its_job_gives_its_place_back(service, url):
    wait_until(lambda: len(trainers(service)) == PLACES, "all trainers")
    for trainer in trainers(service):
        trainer.send_signal(signal.SIGSTOP)
    job = service.post("/train", json=training("unheard", epochs=1))["id"]
    wait_until(lambda: count_messages(url, "doing") == 1, "a worker that takes the message")
    for trainer in trainers(service):
        trainer.kill()
    assert service.wait_for(job)["attempt"] == 1
    all_places_work(service)
