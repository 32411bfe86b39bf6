"""A version keeps its learning curve and its split: for ever, and unchanged, whatever becomes of its job."""

import hashlib
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from service.jobs import pruning
from service.registry.database import Database
from service.registry.jobs import jobs, progress
from service.registry.jobs.jobs import NewJob
from service.registry.migrate import ensure_current
from service.registry.models import curves, versions
from service.registry.models.versions import NewVersion

ROWS = [{"size": index * 0.5, "color": ("red", "green")[index % 2]} for index in range(50)]
POINTS = [
    {"epoch": epoch, "loss": 1 / epoch, "validation_loss": None, "learning_rate": 0.1, "elapsed_seconds": epoch / 8}
    for epoch in (1, 2, 3)
]


@pytest.fixture
def registry(database_url: str):
    registry = Database(database_url)
    ensure_current(registry)
    yield registry
    registry.close()


@pytest.fixture
def job(registry) -> str:
    """A job that has ended, with a version and a curve of three epochs."""
    signature = {"features": [], "outputs": []}
    with registry.write() as session:
        queued = jobs.add(session, NewJob(kind="train", model="iris", request={"model": "iris"})).id
        row = jobs.claim(session, queued, "worker", lease_seconds=30)
        claim = jobs.Claim(row.id, row.attempt)
    with registry.write() as session:
        new = NewVersion(
            task="regression", signature=signature, metrics={"training": None, "validation": None}, weights=b"w",
            environment={}, job=queued, split={"method": "none"},
        )  # fmt: skip
        progress.add_points(session, queued, POINTS)
        versions.add(session, "iris", new, "me")
        curves.move_to_version(session, queued)
        jobs.end(session, claim, "succeeded", version=1)
    return queued


def test_the_curve_outlives_the_job(registry, job):
    with registry.read() as session:
        before = curves.get_of_job(session, job)
    assert [point.loss for point in before.items] == [1, 1 / 2, 1 / 3]
    assert pruning.prune(registry, timedelta(0)) == 1
    with registry.read() as session:
        assert curves.get_of_version(session, "iris", "latest") == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE version_curves SET first_epoch = 9",
        "DELETE FROM version_curves",
        "UPDATE versions SET split = '{}'",
    ],
)
def test_curve_and_split_are_immutable_by_the_database_itself(registry, job, statement):
    with pytest.raises(DatabaseError), registry.write() as session:
        session.execute(text(statement))


def test_notes_may_change(registry, job):
    with registry.write() as session:
        session.execute(text("UPDATE versions SET notes = 'good'"))
    with registry.read() as session:
        assert versions.get_version(session, "iris", 1)[0].notes == "good"


def test_the_curve_of_job_and_version_is_the_same_from_outside(server, http):
    specification = {"model": "curve-of-version", "label": "color", "data": {"rows": ROWS}, "network": {"hidden": [3]}}
    done = server.train({**specification, "training": {"epochs": 5, "seed": 1}})
    here = f"/models/curve-of-version/versions/{done['version']}"
    curve = http.get(f"{here}/curve").json()
    assert [point["epoch"] for point in curve["items"]] == [1, 2, 3, 4, 5]
    assert curve == http.get(f"/jobs/{done['id']}/curve").json()
    assert [point["epoch"] for point in http.get(f"{here}/curve?points=2").json()["items"]] == [1, 5]
    lines = http.get(f"{here}/curve", headers={"Accept": "text/csv"}).text.splitlines()
    assert len(lines) == 6


def test_the_split_is_told_with_a_digest_that_can_be_computed_again(server, http):
    """By time, the last rows are held out: which ones is known without this code."""
    rows = [row | {"day": index} for index, row in enumerate(ROWS)]
    specification = {"model": "split-of-version", "label": "color", "data": {"rows": rows}, "network": {"hidden": [3]}}
    validation = {"fraction": 0.2, "method": "time", "column": "day"}
    done = server.train({**specification, "validation": validation, "training": {"epochs": 1, "seed": 1}})
    split = http.get(f"/models/split-of-version/versions/{done['version']}").json()["split"]
    digest = hashlib.sha256(np.array([0] * 40 + [1] * 10, dtype="<u2").tobytes()).hexdigest()
    assert split == {**validation, "seed": 1, "training_rows": 40, "validation_rows": 10, "sha256": digest}
