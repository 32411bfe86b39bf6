"""What operators see."""

from contextlib import closing

import httpx
from prometheus_client.parser import text_string_to_metric_families

from service.registry.database import Database
from service.registry.jobs.jobs import Claim
from tests.support.service import Service


def figures(http: httpx.Client) -> dict[tuple[str, frozenset], float]:
    answer = http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def requests(http: httpx.Client, method: str, route: str, status: str, name: str = "requests_total") -> float:
    labels = {"method": method, "route": route, "status": status}
    return figures(http).get((f"feedforward_{name}", frozenset(labels.items())), 0)


def test_requests_are_counted_by_route_and_status(http: httpx.Client, name: str):
    before = requests(http, "GET", "/models/{name}", "404")
    for _ in range(3):
        http.get(f"/models/{name}")
    assert requests(http, "GET", "/models/{name}", "404") == before + 3
    assert requests(http, "GET", "/models/{name}", "404", "request_seconds_count") == before + 3
    assert requests(http, "GET", "/models/{name}", "404", "request_seconds_sum") > 0


def test_predictions_are_counted_too(http: httpx.Client, name: str):
    before = requests(http, "POST", "/models/{name}/predict", "404")
    http.post(f"/models/{name}/predict", json={"inputs": [[1]]})
    assert requests(http, "POST", "/models/{name}/predict", "404") == before + 1


def test_predictions_are_counted_by_the_version_that_answered(http: httpx.Client, name: str, add_versions):
    add_versions(name, 2)
    for number in (1, 2, 2):
        http.post("/predict", json={"model": name, "version": number, "inputs": [[1.0]]}).raise_for_status()
    counted = {number: {("model", name), ("version", number)} for number in ("1", "2")}
    told = figures(http)
    assert told["feedforward_predictions_total", frozenset(counted["1"])] == 1
    assert told["feedforward_predictions_total", frozenset(counted["2"])] == 2


def test_unknown_addresses_are_one_figure(http: httpx.Client):
    for number in range(3):
        http.get(f"/no/such/address/{number}")
    assert not [labels for _, labels in figures(http) if "address" in str(labels)]


def test_jobs_are_counted_by_state(http: httpx.Client, running: Claim):
    assert figures(http)["feedforward_jobs", frozenset({("state", "running")})] >= 1


def test_health_tells_the_database(http: httpx.Client, server: Service):
    assert http.get("/health/live").json() == {"status": "live"}
    ready = http.get("/health/ready").json()
    assert (ready["status"], ready["database"]) == ("ready", server.database)
    with closing(Database(server.database_url)) as database, database.engine.connect() as connection:
        asked = "SELECT sqlite_version()" if database.on_sqlite else "SHOW server_version"
        assert connection.exec_driver_sql(asked).scalar() == ready["database_version"]
