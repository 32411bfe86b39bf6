"""The compose file is valid, publishes nothing beyond this machine, and has no default password."""

import shutil
import subprocess

import pytest

from tests.support.containers import COMPOSE_FILE, compose_services, default_profile
from tests.support.processes import PROJECT


@pytest.mark.parametrize("profile", ["single", "fleet"])
def test_compose_accepts_the_file(profile):
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed: sudo apt-get install -y docker-compose")
    command = ["docker-compose", "--file", str(COMPOSE_FILE), "--profile", profile, "config", "--quiet"]
    assert subprocess.run(command, cwd=PROJECT, capture_output=True, text=True).stderr == ""


def test_with_nothing_set_it_starts_one_container_with_a_volume():
    (service,) = compose_services(default_profile()).values()
    assert service["volumes"] == ["data:/data"]
    assert "environment" not in service


def test_the_fleet_is_postgresql_two_api_processes_and_workers():
    services = compose_services("fleet")
    assert services.keys() == {"postgresql", "api", "worker"}
    assert services["api"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("profile", ["single", "fleet"])
def test_it_publishes_on_loopback_alone(profile):
    published = [port for service in compose_services(profile).values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_password_is_read_from_a_file_that_is_not_in_the_repository():
    services = compose_services("fleet").values()
    named = [
        setting for service in services for setting in service.get("environment", {}).items() if "PASS" in setting[0]
    ]
    assert {value for _, value in named} == {"/run/secrets/postgresql-password"}
    ignored = subprocess.run(["git", "check-ignore", "secrets/postgresql-password"], cwd=PROJECT, capture_output=True)
    assert ignored.returncode == 0


def test_the_containers_run_without_privileges():
    for name in ("feedforward", "api", "worker"):
        service = (compose_services("single") | compose_services("fleet"))[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
