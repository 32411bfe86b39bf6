"""The network between a service and its PostgreSQL is cut without a word, and mended."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
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


@pytest.fixture
def relay_and_url(postgresql_server) -> Iterator[tuple[Relay, str]]:
    with postgresql_server.database() as url, relayed(url) as found:
        yield found


@pytest.fixture
def relay(relay_and_url) -> Relay:
    return relay_and_url[0]


@pytest.fixture
def service(relay_and_url, tmp_path, request) -> Iterator[Service]:
    relay, url = relay_and_url
    service = start_fleet(tmp_path / "data", url)
    logs.watch(request.node, service)
    yield service
    relay.heal()
    service.stop()


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
KNOWN_BY = ["/models/known/predict", "/models/known/versions/1/predict", "/models/known/versions/production/predict"]
GOES_ON: list[Call] = [*map(predicting, KNOWN_BY), getting("/health/live")]


def train_and_serve(service: Service) -> None:
    """A version that has answered by each of its names."""
    service.train(training("known", epochs=1))
    service.http.put("/models/known/aliases/production", json={"version": 1}).raise_for_status()
    for answer in ask_at_once(service, GOES_ON):
        answer.raise_for_status()


@pytest.mark.parametrize("refusing", [False, True], ids=["no answer", "new connections refused"])
def test_while_the_database_is_cut_off_requests_are_answered_and_known_versions_predict(service, relay, refusing):
    train_and_serve(service)
    running = service.post("/train", json=training("running", epochs=200))["id"]
    trainer_of(service, running)
    relay.cut(refusing=refusing)
    calls = NEEDS_DATABASE * (AT_ONCE // len(NEEDS_DATABASE))
    for answer in ask_at_once(service, calls):
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    for answer in ask_at_once(service, GOES_ON * 5):
        assert answer.status_code == 200, answer.text
    relay.heal()
    wait_until(lambda: service.http.get("/models").is_success, "an answer")
    service.train(training("later", epochs=1))
    assert service.wait_for(running)["version"] == 1
    service.predict("later", [ROW])


def test_known_versions_predict_from_the_very_moment_of_the_cut(service, relay):
    train_and_serve(service)
    relay.cut(refusing=False)
    for answer in ask_at_once(service, (GOES_ON + NEEDS_DATABASE) * 8):
        assert answer.status_code == (503 if answer.request.url.path in needs_database() else 200), answer.text


def needs_database() -> set[str]:
    return {"/jobs", "/models", "/train", "/health/ready"}


def test_an_alias_that_was_moved_just_before_the_cut_is_never_answered_as_before(service, relay):
    train_and_serve(service)
    service.train(training("known", epochs=2))
    ask_at_once(service, GOES_ON)
    service.http.put("/models/known/aliases/production", json={"version": 2}).raise_for_status()
    relay.cut(refusing=False)
    for answer in ask_at_once(service, [predicting("/models/known/versions/production/predict")] * 5):
        assert answer.status_code == 503 or answer.headers["Feedforward-Version"] == "known/2", answer.headers
    relay.heal()
    wait_until(lambda: service.http.get("/models").is_success, "an answer")
