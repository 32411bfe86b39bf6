"""The limit of a model on running services: with two workers and one place, the second worker is for the others."""

from itertools import pairwise

import pytest

from tests.support.long_trainings import training


@pytest.fixture
def limited(database, request):
    start = request.getfixturevalue("start_server" if database == "sqlite" else "start_fleet_server")
    return start(workers=2, max_running_per_model=1)


def test_jobs_of_one_model_run_one_after_the_other_and_others_beside_them(limited):
    crowd = [limited.post("/train", json=training("crowded", epochs=200))["id"] for _ in range(3)]
    other = limited.post("/train", json=training("quiet", epochs=200))["id"]
    quiet = limited.wait_for(other)
    ended = sorted((limited.wait_for(job) for job in crowd), key=lambda job: job["started_at"])
    assert all(before["finished_at"] <= after["started_at"] for before, after in pairwise(ended))
    assert quiet["started_at"] < ended[-1]["started_at"]
    assert sorted(job["version"] for job in ended) == [1, 2, 3]
