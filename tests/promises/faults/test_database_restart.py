"""The database of a fleet ends in mid training and comes back."""

import pytest

from tests.support import logs, postgresql
from tests.support.launching import start_fleet
from tests.support.long_trainings import digest, only_version, training, wait_for_epoch, wait_until


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_trainings_outlive_a_crash_of_the_database(database, tmp_path, request, calm_digest):
    with postgresql.running() as server, server.database() as url:
        service = start_fleet(tmp_path / "data", url)
        logs.watch(request.node, service)
        try:
            job = service.post("/train", json=training())["id"]
            wait_for_epoch(service, job, 100)
            server.crash()
            away = service.http.get(f"/jobs/{job}")
            assert (away.status_code, away.json()["type"]) == (503, "/problems/unavailable")
            server.start()
            wait_until(lambda: service.http.get(f"/jobs/{job}").is_success, "an answer")
            later = service.post("/train", json=training("later"))["id"]
            for ended in (service.wait_for(job), service.wait_for(later)):
                assert digest(service, ended) == calm_digest
                only_version(service, ended["model"])
        finally:
            service.stop()
