"""The network between a service and its PostgreSQL is cut without a word, and mended."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from tests.support import logs
from tests.support.launching import start_fleet
from tests.support.long_trainings import trainer_of, training, wait_until
from tests.support.relay import Relay, relayed
from tests.support.service import Service

# What a client waits for an answer: a bound for the promise of 5 s.
CLIENT_SECONDS = 6
AT_ONCE = 60
ROW = {"x": 1.0, "y": 2.0}
Call = Callable[[httpx.Client], httpx.Response]


@pytest.fixture(scope="module")
def relay_and_service(postgresql_server, tmp_path_factory) -> Iterator[tuple[Relay, Service]]:
    """A fleet for all tests here, each with models of its own."""
    with postgresql_server.database() as database, relayed(database) as (relay, url):
        service = start_fleet(tmp_path_factory.mktemp("cut") / "data", url)
        yield relay, service
        service.stop()


@pytest.fixture
def service(relay_and_service, request) -> Service:
    logs.watch(request.node, relay_and_service[1])
    return relay_and_service[1]


@pytest.fixture
def relay(relay_and_service) -> Iterator[Relay]:
    relay, service = relay_and_service
    yield relay
    relay.heal()
    wait_until(lambda: service.http.get("/models").is_success, "an answer")


def ask_at_once(service: Service, calls: list[Call]) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=len(calls))
    with (
        httpx.Client(base_url=service.url, timeout=CLIENT_SECONDS, trust_env=False, limits=limits) as client,
        ThreadPoolExecutor(len(calls)) as callers,
    ):
        return list(callers.map(lambda call: call(client), calls))


def predicting(address: str) -> Call:
    return lambda client: client.post(address, json={"inputs": [ROW]})


def getting(address: str) -> Call:
    return lambda client: client.get(address)


def queueing(client: httpx.Client) -> httpx.Response:
    return client.post("/train", json=training("in-vain", epochs=1))


NEEDS_DATABASE: list[Call] = [getting("/jobs"), getting("/models"), queueing, getting("/health/ready")]


def goes_on(model: str) -> list[Call]:
    here = f"/models/{model}"
    known_by = [f"{here}/predict", f"{here}/versions/1/predict", f"{here}/versions/production/predict"]
    return [*map(predicting, known_by), getting("/health/live")]


def train_and_serve(service: Service, model: str) -> None:
    """A version that has answered by each of its names."""
    service.train(training(model, epochs=1))
    service.http.put(f"/models/{model}/aliases/production", json={"version": 1}).raise_for_status()
    for answer in ask_at_once(service, goes_on(model)):
        answer.raise_for_status()


@pytest.mark.parametrize("refusing", [False, True], ids=["no answer", "new connections refused"])
def test_while_the_database_is_cut_off_requests_are_answered_and_known_versions_predict(service, relay, name, refusing):
    train_and_serve(service, name)
    running = service.post("/train", json=training(f"{name}-running", epochs=200))["id"]
    trainer_of(service, running)
    relay.cut(refusing=refusing)
    calls = NEEDS_DATABASE * (AT_ONCE // len(NEEDS_DATABASE))
    for answer in ask_at_once(service, calls):
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    for answer in ask_at_once(service, goes_on(name) * 5):
        assert answer.status_code == 200, answer.text
    relay.heal()
    wait_until(lambda: service.http.get("/models").is_success, "an answer")
    service.train(training(f"{name}-later", epochs=1))
    assert service.wait_for(running)["version"] == 1
    service.predict(f"{name}-later", [ROW])


def test_known_versions_predict_from_the_very_moment_of_the_cut(service, relay, name):
    train_and_serve(service, name)
    relay.cut(refusing=False)
    for answer in ask_at_once(service, (goes_on(name) + NEEDS_DATABASE) * 8):
        assert answer.status_code == (503 if answer.request.url.path in needs_database() else 200), answer.text


def needs_database() -> set[str]:
    return {"/jobs", "/models", "/train", "/health/ready"}


def test_the_log_says_in_one_line_that_the_database_could_not_be_reached(service, relay):
    before = len(service.process.read_log())
    relay.cut(refusing=True)
    refused = ask_at_once(service, NEEDS_DATABASE)
    ids = {answer.headers["X-Request-ID"] for answer in refused}
    lines = wait_until(lambda: failures_in(service.process.read_log(), ids), "a line for each request")
    assert {line["level"] for line in lines} == {"warning"}
    assert all(line["why"] and line["cause"] for line in lines if line["path"] == "/jobs")
    assert "Traceback" not in service.process.read_log()[before:]


def test_a_worker_process_that_starts_during_the_cut_ends_with_one_line(service, relay):
    worker = service.processes[1]
    [process] = wait_until(psutil.Process(worker.pid).children, "a worker process")
    relay.cut(refusing=True)
    before = len(worker.read_log())
    process.kill()
    wait_until(lambda: worker.read_log()[before:].count("a worker process died") > 1, "its replacement to end")
    written = worker.read_log()[before:]
    assert "the worker process ends, and another one starts" in written
    assert "Traceback" not in written


def failures_in(log: str, ids: set[str]) -> list[dict]:
    """The lines about requests that failed, once there is one for each id."""
    lines = [json.loads(line) for line in log.splitlines() if '"request failed"' in line]
    lines = [line for line in lines if line["request_id"] in ids]
    return lines if len(lines) == len(ids) else []


def test_a_change_before_the_cut_makes_unknown_only_the_name_that_it_moved(service, relay, name):
    train_and_serve(service, name)
    service.train(training(name, epochs=2))
    ask_at_once(service, goes_on(name))
    production, first = f"/models/{name}/versions/production/predict", f"/models/{name}/versions/1/predict"
    for alias in ("staging", "production"):
        service.http.put(f"/models/{name}/aliases/{alias}", json={"version": 2}).raise_for_status()
    service.http.patch(f"/models/{name}", json={"tags": {"team": "north"}}).raise_for_status()
    relay.cut(refusing=False)
    for answer in ask_at_once(service, [predicting(production)] * 5):
        assert answer.status_code == 503 or answer.headers["Feedforward-Version"] == f"{name}/2", answer.headers
    for answer in ask_at_once(service, [predicting(first)] * 5):
        assert (answer.status_code, answer.headers.get("Feedforward-Version")) == (200, f"{name}/1"), answer.text


def waiting_for_end(address: str, body: dict) -> Call:
    return lambda client: client.post(address, json=body, headers={"Prefer": "wait=3"})


def test_a_job_that_was_queued_before_the_cut_is_answered_as_queued(service, relay, name):
    train_and_serve(service, name)
    running = service.post("/train", json=training(f"{name}-running", epochs=100_000))["id"]
    trainer_of(service, running)
    calls = [
        waiting_for_end("/train", training(name, epochs=1)),
        waiting_for_end(f"/models/{name}/versions/1/retrain", {}),
        waiting_for_end(f"/models/{name}/versions/1/evaluate", {"data": training()["data"]}),
    ]
    with ThreadPoolExecutor() as callers:
        answers = callers.submit(ask_at_once, service, calls)
        wait_until(lambda: len(service.get("/jobs?state=queued")["items"]) == len(calls), "the jobs to be queued")
        relay.cut(refusing=False)
        for answer in answers.result():
            assert (answer.status_code, answer.json().get("state")) == (202, "queued"), answer.text
            assert answer.headers["Location"] == answer.json()["links"]["self"]
    relay.heal()
    wait_until(lambda: service.http.post(f"/jobs/{running}/cancel").is_success, "the end of the running job")


def table_of_text(first: int) -> bytes:
    """Some 30 MB, more than the sockets between server and client hold."""
    return b"text\n" + b"".join(b"%d %s\n" % (number, b"x" * 100_000) for number in range(first, first + 300))


def test_a_dataset_that_was_stored_before_the_cut_is_answered_as_stored(service, relay):
    before = {dataset["id"] for dataset in service.get("/datasets")["items"]}
    upload = {"content": table_of_text(1000), "headers": {"Content-Type": "text/csv"}}
    with ThreadPoolExecutor() as callers:
        call = callers.submit(service.http.post, "/datasets", **upload)
        new = wait_until(lambda: {d["id"] for d in service.get("/datasets")["items"]} - before, "the dataset")
        relay.cut(refusing=False)
        answer = call.result()
        assert answer.status_code in {201, 202}, answer.text  # 201 where the profile was ready before the cut
        assert {answer.json()["id"]} == new
        assert answer.headers["Location"] == f"/datasets/{answer.json()['id']}"


def test_a_download_that_has_begun_goes_on_after_the_cut(service, relay):
    content = table_of_text(0)
    dataset = service.post("/datasets", content=content, headers={"Content-Type": "text/csv"})["id"]
    with service.http.stream("GET", f"/datasets/{dataset}/content") as answer:
        pieces = answer.iter_raw(65_536)
        received = [next(pieces)]
        relay.cut(refusing=False)
        wait_until(lambda: service.http.get("/models").status_code == 503, "the cut to be known")
        relay.heal()
        received.extend(pieces)
    assert b"".join(received) == content
