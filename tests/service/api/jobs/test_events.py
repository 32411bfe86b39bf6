"""Following a job: every event once, in order, by any number of listeners, from where each of them left off."""

import json
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs import progress as job_progress
from service.registry.jobs.jobs import Claim
from tests.support.service import Service


def progress(epoch: int) -> dict:
    return {
        "epoch": epoch,
        "epochs": 600,
        "loss": 0.5,
        "validation_loss": None,
        "rows_per_second": 1.0,
        "eta_seconds": None,
    }


def go_on(registry: Database, claim: Claim, epochs: Iterator[int]) -> None:
    for epoch in epochs:
        with registry.write() as session:
            job_progress.write_progress(session, claim, progress(epoch), [])


def end(registry: Database, claim: Claim) -> None:
    with registry.write() as session:
        jobs.end(session, claim, "cancelled")


def follow(http: httpx.Client, job: str, after: int | None = None) -> Iterator[dict]:
    """The events of a job's stream, as dictionaries of their lines."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    with http.stream("GET", f"/jobs/{job}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        event: dict = {}
        for line in stream.iter_lines():
            if line and not line.startswith(":"):
                key, _, value = line.partition(": ")
                event[key] = value
            elif event.get("data"):
                yield event | {"data": json.loads(event["data"]), "id": int(event["id"])}
                event = {}


def test_a_listener_hears_everything_once_and_then_the_end(http: httpx.Client, registry: Database, running: Claim):
    stream = follow(http, running.job)
    first = next(stream)
    go_on(registry, running, range(1, 6))
    heard = [first, *(next(stream) for _ in range(6))]
    end(registry, running)
    heard += list(stream)
    assert [event["id"] for event in heard] == list(range(1, len(heard) + 1))
    assert [event["event"] for event in heard] == ["state", "state", *["progress"] * 5, "state"]
    assert [event["data"]["epoch"] for event in heard[2:7]] == [1, 2, 3, 4, 5]
    assert [heard[place]["data"]["state"] for place in (0, 1, -1)] == ["queued", "running", "cancelled"]


def test_a_listener_that_comes_back_misses_and_repeats_nothing(http: httpx.Client, registry: Database, running: Claim):
    go_on(registry, running, range(1, 601))
    end(registry, running)
    seen: list[int] = []
    while not seen or seen[-1] < 603:
        for event, _ in zip(follow(http, running.job, after=seen[-1] if seen else None), range(97), strict=False):
            seen.append(event["id"])
    assert seen == list(range(1, 604))


def test_nothing_is_left_to_tell_after_the_end(http: httpx.Client, registry: Database, running: Claim):
    end(registry, running)
    last = [event["id"] for event in follow(http, running.job)][-1]
    for after in (last, last + 1000):
        headers = {"Last-Event-ID": str(after)}
        assert http.get(f"/jobs/{running.job}/events", headers=headers).status_code == 204
    answer = http.get(f"/jobs/{running.job}/events", headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["location"]) == (422, ["header", "last-event-id"])


def test_hundreds_of_listeners_hear_the_same(server: Service, registry: Database, running: Claim):
    go_on(registry, running, range(1, 4))
    heard: list[list[int]] = []
    ready = threading.Semaphore(0)

    def listen() -> None:
        link = connect(server, running.job)
        ready.release()
        with link, link.makefile("rb") as lines:
            heard.append([int(line[4:]) for line in lines if line.startswith(b"id: ")])

    listeners = [threading.Thread(target=listen) for _ in range(200)]
    for listener in listeners:
        listener.start()
    for _ in listeners:
        ready.acquire()
    go_on(registry, running, range(4, 10))
    end(registry, running)
    for listener in listeners:
        listener.join()
    assert heard == [list(range(1, 13))] * 200


def connect(server: Service, job: str) -> socket.socket:
    """A connection that has asked for the job's events, to be closed when they end."""
    address = httpx.URL(server.url)
    link = socket.create_connection((address.host, address.port), timeout=60)
    link.sendall(f"GET /jobs/{job}/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return link


def test_listeners_that_vanish_or_sleep_harm_nobody(server: Service, registry: Database, running: Claim):
    vanished = [connect(server, running.job) for _ in range(20)]
    asleep = [connect(server, running.job) for _ in range(20)]
    for link in vanished:
        link.close()
    go_on(registry, running, range(1, 51))
    end(registry, running)
    assert [event["id"] for event in follow(server.http, running.job)] == list(range(1, 54))
    for link in asleep:
        link.close()


@pytest.mark.parametrize("accept", ["text/event-stream", "*/*"])
def test_browsers_and_others_may_listen(http: httpx.Client, running: Claim, accept: str):
    with http.stream("GET", f"/jobs/{running.job}/events", headers={"Accept": accept}) as stream:
        assert stream.status_code == 200
        assert stream.headers["cache-control"] == "no-store"
    assert http.get(f"/jobs/{running.job}/events", headers={"Accept": "application/json"}).status_code == 406
