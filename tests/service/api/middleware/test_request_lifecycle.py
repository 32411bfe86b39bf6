"""Every answer carries an id, by which the log can be searched."""

import json
import uuid

import httpx
import pytest

from tests.support.service import Service


@pytest.fixture
def database() -> str:
    """Nothing here depends on it."""
    return "sqlite"


def test_each_answer_has_an_id_of_its_own(http: httpx.Client):
    first, second = (http.get("/health/live").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert uuid.UUID(first).version == 7


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", "/predict", "/"])
def test_the_callers_id_comes_back(http: httpx.Client, path: str):
    assert http.get(path, headers={"X-Request-ID": "my-request.7"}).headers["x-request-id"] == "my-request.7"


@pytest.mark.parametrize("silly", ["x" * 200, "with space", "é".encode("latin-1"), "", 'quote"'])
def test_an_id_that_is_not_sane_is_replaced(http: httpx.Client, silly: str | bytes):
    given = silly.encode() if isinstance(silly, str) else silly
    answered = http.get("/health/live", headers=[(b"X-Request-ID", given)]).headers["x-request-id"]
    assert uuid.UUID(answered).version == 7


def test_a_problem_names_the_request(http: httpx.Client):
    answer = http.get("/nowhere", headers={"X-Request-ID": "abc-1"})
    assert answer.json()["instance"] == "/requests/abc-1"


def test_the_log_has_one_line_a_request_with_its_id_and_trace(http: httpx.Client, server: Service, eventually):
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"X-Request-ID": f"logged-{uuid.uuid4()}", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    http.get("/models/not-there-at-all", headers=headers)
    lines = eventually(lambda: [line for line in server.read_logs().splitlines() if headers["X-Request-ID"] in line])
    assert len(lines) == 1
    line = json.loads(lines[0])
    assert (line["method"], line["path"], line["status"]) == ("GET", "/models/not-there-at-all", 404)
    assert (line["route"], line["trace_id"]) == ("/models/{name}", trace)
    assert line["milliseconds"] > 0


@pytest.mark.parametrize("broken", ["00-0-0-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "junk"])
def test_a_broken_traceparent_is_ignored(http: httpx.Client, broken: str):
    assert http.get("/health/live", headers={"traceparent": broken}).status_code == 200
