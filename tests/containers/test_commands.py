"""The containers' own commands, run as processes: the same arguments and settings, on other ports and folders."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.containers import compose_services, health_check, image_command
from tests.support.launching import start_processes
from tests.support.postgresql import PostgreSQL
from tests.support.processes import FeedforwardProcess
from tests.support.service import Service

PASSWORD = "wal&us / 1%@:"
PEOPLE = {
    "model": "people",
    "data": {"columns": {"weight": [-2, 25, 17, -15], "height": [-1, 6, 4, -6], "gender": ["F", "M", "M", "F"]}},
    "label": "gender",
    "training": {"epochs": 5},
    "validation": {"fraction": 0},
}


@pytest.fixture
def single(tmp_path: Path) -> Iterator[Service]:
    """The container of `docker compose up`."""
    (service,) = compose_services("single").values()
    with closing(start_processes([service["command"]], tmp_path, data=tmp_path / "data")) as running:
        yield running


@pytest.fixture
def fleet(tmp_path: Path, postgresql_server: PostgreSQL) -> Iterator[Service]:
    """The containers of `docker compose --profile fleet up`, on a PostgreSQL that asks for the password."""
    (tmp_path / "secret").write_text(PASSWORD + "\n")
    services = compose_services("fleet")
    commands = [services[name]["command"] for name in ("api", "worker")]
    with postgresql_server.database_with_password(PASSWORD) as address:
        settings = _with_places_of_this_machine(services["api"]["environment"], address, tmp_path / "secret")
        with closing(start_processes(commands, tmp_path, data=tmp_path / "data", **settings)) as running:
            yield running


def test_the_single_container_trains_and_predicts(single):
    assert single.train(PEOPLE)["version"] == 1
    assert single.predict("people", [{"weight": -7, "height": -3}])["version"] == 1


def test_the_fleet_trains_and_predicts(fleet):
    assert fleet.train(PEOPLE)["version"] == 1
    assert fleet.predict("people", [{"weight": -7, "height": -3}])["version"] == 1


def test_the_health_check_tells_a_running_service_from_a_stopped_one(single):
    assert _run_health_check(single) == 0
    single.stop()
    assert _run_health_check(single) != 0


def test_the_image_alone_refuses_to_serve_all_addresses_without_keys(tmp_path):
    process = FeedforwardProcess(image_command()[1:], tmp_path / "log", data=tmp_path / "data")
    assert process.wait() != 0
    assert "--insecure" in process.read_log()


def _run_health_check(service: Service) -> int:
    port = service.url.rpartition(":")[2]
    python, *arguments = health_check()
    assert python == "python"
    return subprocess.run(
        [sys.executable, *(word.replace("8000", port) for word in arguments)], stderr=subprocess.DEVNULL
    ).returncode


def _with_places_of_this_machine(environment: dict[str, str], address: str, secret: Path) -> dict[str, str]:
    """The compose file's settings, with our database's place and the secret's path in place of the containers' own."""
    places = {"postgresql:5432/feedforward": address, "/run/secrets/postgresql-password": str(secret)}
    settings = {name.removeprefix("FEEDFORWARD_").lower(): value for name, value in environment.items()}
    for theirs, ours in places.items():
        settings = {name: value.replace(theirs, ours) for name, value in settings.items()}
    return settings
