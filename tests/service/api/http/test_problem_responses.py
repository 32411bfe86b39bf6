"""Errors: always the same form, never large, never an echo, and none breaks what comes after it."""

import http.client
import json

import httpx
import pytest

from service.registry.database import Database
from tests.support.service import Service

JSON = {"Content-Type": "application/json"}


def test_an_error_never_echoes_a_large_input(http: httpx.Client):
    body = {"version": "x" * 400_000, "unknown" * 10_000: 1, "split": {f"key{n}" * 30: "secret" for n in range(2000)}}
    answer = http.put("/models/nobody/aliases/production", json=body)
    assert answer.status_code == 422
    assert len(answer.content) <= 8192
    assert "secret" not in answer.text
    assert "x" * 101 not in answer.text


def test_an_error_tells_the_first_twenty_faults_and_their_number(http: httpx.Client):
    body = {"version": 1} | {f"unknown{n}": n for n in range(50)}
    told = http.put("/models/nobody/aliases/production", json=body).json()
    assert (len(told["errors"]), told["error_count"]) == (20, 50)


@pytest.mark.parametrize(
    ("path", "status"), [("/{}", 404), ("/models/{}", 422), ("/jobs?{}=1", 422), ("/jobs?state={}", 422)]
)
def test_an_error_never_echoes_a_long_address(http: httpx.Client, path: str, status: int):
    answer = http.get(path.format("x" * 8000))
    assert answer.status_code == status
    assert len(answer.content) <= 2048


def test_an_unknown_field_is_told_the_nearest_name(http: httpx.Client):
    told = http.put("/models/nobody/aliases/production", json={"version": 1, "shaddow": 2}).json()
    assert told["errors"][0]["location"] == ["body", "shaddow"]
    assert "Did you mean `shadow`?" in told["errors"][0]["message"]
    assert "Did you mean `shadow`?" in told["detail"]


def test_an_unknown_query_parameter_is_told_the_nearest_name(http: httpx.Client):
    told = http.get("/jobs", params={"stat": "queued"}).json()
    assert (told["status"], told["errors"][0]["location"]) == (422, ["query", "stat"])
    assert "Did you mean `state`?" in told["errors"][0]["message"]


def test_a_name_that_can_not_be_is_told_what_names_are(http: httpx.Client):
    told = http.get("/models/Two%20Words").json()
    assert (told["status"], told["errors"][0]["location"]) == (422, ["path", "name"])
    assert "begins with a letter or a digit." in told["detail"]


def test_faults_deep_inside_are_told_with_the_nearest_name(http: httpx.Client):
    rows = [{"a": 1, "y": 2}, {"a": 2, "y": 3}]
    body = {
        "model": "m",
        "data": {"rows": rows},
        "label": "y",
        "training": {"optimizer": {"name": "adam", "learning_rat": 1}},
    }
    told = http.post("/train", json=body).json()
    assert told["errors"][0]["location"] == ["body", "training", "optimizer", "learning_rat"]
    assert "Did you mean `learning_rate`?" in told["detail"]


def test_a_query_parameter_is_given_once(http: httpx.Client):
    assert http.get("/jobs?limit=1&limit=2").status_code == 422


def test_a_type_that_is_not_answered_is_not_acceptable(http: httpx.Client):
    answer = http.get("/models", headers={"Accept": "text/csv, application/json;q=0"})
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not-acceptable")


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, */*;q=0.1", "Application/JSON", ""])
def test_types_that_include_json_are_acceptable(http: httpx.Client, accept: str):
    assert http.get("/models", headers={"Accept": accept}).status_code == 200


def test_a_fault_of_ours_is_a_problem_and_the_connection_lives_on(server: Service, registry: Database, running):
    with registry.write() as session:
        session.connection().exec_driver_sql(f"UPDATE jobs SET kind = 'nonsense' WHERE id = '{running.job}'")
    link = http.client.HTTPConnection(httpx.URL(server.url).netloc.decode())
    for _ in range(3):
        link.request("GET", f"/jobs/{running.job}")
        answer = link.getresponse()
        told = json.loads(answer.read())
        assert (answer.status, answer.getheader("Content-Type")) == (500, "application/problem+json")
        assert "nonsense" not in json.dumps(told)
        assert "Traceback" not in json.dumps(told)
        link.request("GET", "/health/live")
        assert link.getresponse().read() == b'{"status":"live"}'
    link.close()
    with registry.write() as session:
        session.connection().exec_driver_sql(f"DELETE FROM job_events WHERE job = '{running.job}'")
        session.connection().exec_driver_sql(f"DELETE FROM jobs WHERE id = '{running.job}'")


def test_each_problem_has_its_page(http: httpx.Client):
    kind = http.get("/nowhere").json()["type"]
    assert http.get(kind).status_code == 200


@pytest.mark.parametrize("path", ["/v2/nowhere", "/v2/models/nobody", "/v2/models/nobody/infer"])
def test_the_v2_protocol_has_its_own_form_of_errors(http: httpx.Client, path: str):
    answer = http.post(path, content=b"{}")
    assert answer.status_code >= 400
    assert list(answer.json()) == ["error"]
    assert answer.headers["content-type"] == "application/json"
