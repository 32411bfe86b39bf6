"""What a fleet promises beyond one machine."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice

import httpx
from sqlalchemy import func, select

from service.registry.tables import JobEventRow
from service.schemas.job import TERMINAL
from tests.support.long_trainings import digest, training, wait_for_epoch

TINY = {"label": "y", "data": {"rows": [{"x": k, "y": 2 * k} for k in range(30)]}, "training": {"epochs": 3}}


def test_jobs_sent_to_all_apis_at_once_end_once_and_number_their_versions_without_a_gap(fleet):
    def send(number: int) -> str:
        answer = fleet.apis[number % len(fleet.apis)].post("/train", json={"model": "tiny", **TINY})
        return answer.raise_for_status().json()["id"]

    with ThreadPoolExecutor(8) as callers:
        accepted = list(callers.map(send, range(40)))
    ended = [fleet.service.wait_for(job) for job in accepted]
    assert sorted(job["version"] for job in ended) == list(range(1, 41))
    assert {job["attempt"] for job in ended} == {1}
    with fleet.database.read() as session:
        is_end = JobEventRow.data["state"].as_string().in_(TERMINAL)
        ends = select(func.count()).where(JobEventRow.job.in_(accepted), JobEventRow.event == "state", is_end)
        assert session.scalar(ends) == 40


def test_a_training_whose_machine_is_lost_goes_on_at_another(fleet):
    calm = digest(fleet.service, fleet.service.train(training("calm")))
    job = fleet.service.post("/train", json=training("moved"))["id"]
    wait_for_epoch(fleet.service, job, 100)
    lost = fleet.machine_of(job)
    lost.kill_group()
    ended = fleet.service.wait_for(job)
    assert ended["attempt"] == 2
    assert digest(fleet.service, ended) == calm


def test_a_stream_of_events_goes_on_at_another_api_without_gap_or_repeat(fleet):
    first, second = fleet.apis
    job = first.post("/train", json=training("followed")).raise_for_status().json()["id"]
    with closing(numbers(first, job, after=0)) as stream:
        seen = list(islice(stream, 8))
    assert seen == list(range(1, 9))
    rest = list(numbers(second, job, after=seen[-1]))
    last = second.get(f"/jobs/{job}").json()
    assert last["state"] == "succeeded"
    with fleet.database.read() as session:
        written = session.scalar(select(func.max(JobEventRow.number)).where(JobEventRow.job == job))
    assert seen + rest == list(range(1, written + 1))


def numbers(api: httpx.Client, job: str, after: int) -> Iterator[int]:
    """The ids of the events that a listener is sent, until the stream ends."""
    with api.stream("GET", f"/jobs/{job}/events", headers={"Last-Event-ID": str(after)}) as stream:
        yield from (int(line.partition(":")[2]) for line in stream.iter_lines() if line.startswith("id:"))
