"""Jobs as callers see them: read, ended, tried again, their curves."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from service.registry.database import Database
from service.registry.jobs import jobs, progress
from service.registry.jobs.jobs import Claim, NewJob


@pytest.fixture
def queued(registry: Database, name: str) -> str:
    """The id of a job whose time has not come."""
    later = datetime.now(UTC) + timedelta(hours=1)
    with registry.write() as session:
        return jobs.add(session, NewJob(kind="train", model=name, request={"model": name}, not_before=later)).id


def point(epoch: int) -> dict:
    return {
        "epoch": epoch,
        "loss": 1 / epoch,
        "validation_loss": None,
        "learning_rate": 0.01,
        "elapsed_seconds": epoch / 10,
    }


@pytest.fixture
def curve(registry: Database, running: Claim) -> str:
    """The address of a curve of a hundred epochs."""
    with registry.write() as session:
        progress.add_points(session, running.job, [point(epoch) for epoch in range(1, 101)])
    return f"/jobs/{running.job}/curve"


def test_a_job_shows_its_request_and_its_links(http: httpx.Client, queued: str, name: str):
    job = http.get(f"/jobs/{queued}").json()
    assert (job["id"], job["model"], job["state"], job["attempt"]) == (queued, name, "queued", 0)
    assert job["request"] == {"model": name}
    assert http.get(job["links"]["curve"]).json() == {"items": []}


@pytest.mark.parametrize("unknown", [str(uuid.UUID(int=1)), "1", "x" * 5000, "a%00b", "NOT-A-JOB"])
@pytest.mark.parametrize("what", ["", "/curve", "/events"])
def test_an_unknown_job_is_not_found(http: httpx.Client, unknown: str, what: str):
    assert http.get(f"/jobs/{unknown}{what}").status_code == 404


def test_a_queued_job_is_cancelled_once(http: httpx.Client, queued: str):
    cancelled = http.post(f"/jobs/{queued}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = http.post(f"/jobs/{queued}/cancel", json={"keep": "best"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")


def test_a_cancelled_job_is_tried_again_as_a_new_one(http: httpx.Client, queued: str, name: str):
    assert http.post(f"/jobs/{queued}/retry").status_code == 409
    http.post(f"/jobs/{queued}/cancel")
    again = http.post(f"/jobs/{queued}/retry")
    assert (again.status_code, again.headers["location"]) == (202, f"/jobs/{again.json()['id']}")
    assert again.json()["id"] != queued
    assert again.json()["request"] == {"model": name}
    http.post(f"/jobs/{again.json()['id']}/cancel")


def test_how_to_cancel_is_best_or_nothing(http: httpx.Client, queued: str):
    answer = http.post(f"/jobs/{queued}/cancel", json={"keep": "worst"})
    assert (answer.status_code, answer.json()["errors"][0]["location"]) == (422, ["body", "keep"])
    assert http.get(f"/jobs/{queued}").json()["state"] == "queued"


def test_a_curve_is_json_and_csv(http: httpx.Client, curve: str):
    items = http.get(curve).json()["items"]
    assert items == [point(epoch) for epoch in range(1, 101)]
    answer = http.get(curve, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(lines[0]) == ["epoch", "loss", "validation_loss", "learning_rate", "elapsed_seconds"]
    assert [float(line["loss"]) for line in lines] == [item["loss"] for item in items]
    assert {line["validation_loss"] for line in lines} == {""}


def test_a_curve_is_thinned_but_keeps_its_ends(http: httpx.Client, curve: str):
    epochs = [item["epoch"] for item in http.get(curve, params={"points": 10}).json()["items"]]
    assert len(epochs) == 10
    assert (epochs[0], epochs[-1]) == (1, 100)
    assert http.get(curve, params={"points": 0}).status_code == 422


def test_a_curve_in_another_form_is_not_acceptable(http: httpx.Client, curve: str):
    assert http.get(curve, headers={"Accept": "image/png"}).status_code == 406
