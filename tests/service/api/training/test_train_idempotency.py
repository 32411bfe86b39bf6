"""An Idempotency-Key makes one job of one request, however often and at the same time it is sent."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.table_files import ROWS, csv_of, fault_of, send_file


@pytest.fixture
def key() -> dict:
    return {"Idempotency-Key": uuid.uuid4().hex}


def test_the_same_request_is_answered_with_the_same_job(http, inline, key):
    first, second = (http.post("/train", json=inline, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]


def test_the_same_form_is_the_same_request_whatever_its_boundary(http, specification, key):
    first, second = (send_file(http, specification, csv_of(ROWS), headers=key) for _ in range(2))
    assert first.request.headers["content-type"] != second.request.headers["content-type"]
    assert first.json()["id"] == second.json()["id"]


@pytest.mark.parametrize("other", [{"label": "size"}, {"data": {"rows": ROWS[1:]}}])
def test_another_request_with_the_same_key_is_refused(http, inline, key, other):
    http.post("/train", json=inline, headers=key)
    problem = fault_of(http.post("/train", json=inline | other, headers=key), 422)
    assert problem["errors"][0]["location"] == ["header", "Idempotency-Key"]


def test_requests_at_the_same_time_make_one_job(server, inline, key):
    def send(_: int) -> httpx.Response:
        return httpx.post(f"{server.url}/train", json=inline, headers=key, timeout=60, trust_env=False)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(24)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert len(server.get(f"/jobs?model={inline['model']}")["items"]) == 1


def test_a_refused_request_uses_no_key_up(http, inline, key):
    fault_of(http.post("/train", json=inline | {"label": "colr"}, headers=key), 422)
    assert http.post("/train", json=inline, headers=key).status_code == 202


def test_an_upload_with_a_key_is_answered_alike(http, name, key):
    content = csv_of([{"a": name, "b": index} for index in range(5)])
    headers = key | {"Content-Type": "text/csv"}
    first, second = (http.post("/datasets", content=content, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    fault_of(http.post("/datasets", content=content + b"x,1\n", headers=headers), 422)


@pytest.mark.parametrize("bad", ["", "x" * 256])
def test_a_key_has_a_sane_length(http, inline, bad):
    fault_of(http.post("/train", json=inline, headers={"Idempotency-Key": bad}), 422)
