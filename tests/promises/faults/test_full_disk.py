"""A disk that fills up in mid training: writes are refused, all else goes on, and so do writes when there is space."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support import logs
from tests.support.long_trainings import EPOCHS, digest, only_version, training, wait_for_epoch, wait_until
from tests.support.processes import FeedforwardProcess
from tests.support.service import TERMINAL_STATES, Service

DISK_BYTES = 24 * 1024 * 1024
DISK_FILES = 64


@pytest.fixture
def small_disk_service(tmp_path, request):
    """`feedforward up` with a small disk under its data, in a mount namespace that any user may make."""
    unshare = shutil.which("unshare")
    assert unshare, "this test needs `unshare`, of util-linux"
    data = tmp_path / "data"
    data.mkdir()
    mount = f'mount -t tmpfs -o size={DISK_BYTES},nr_inodes={DISK_FILES} tmpfs "$0" && exec "$@"'
    within = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(data)]
    arguments = ["up", "--data", str(data), "--port", "0"]
    process = FeedforwardProcess(arguments, tmp_path / "up.log", within=within, workers=1, lease_seconds=60)
    service = Service([process], data, "sqlite")
    logs.watch(request.node, service)
    yield service
    service.stop()


def disk_of(service: Service) -> Path:
    """The service's small disk, as seen from outside of its namespace."""
    return Path(f"/proc/{service.process.pid}/root{service.data}")


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(disk).free == 0
    return ballast


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_full_disk_refuses_writes_and_ends_no_training(database, small_disk_service, calm_digest):
    service = small_disk_service
    job = service.post("/train", json=training())["id"]
    wait_for_epoch(service, job, 50)
    ballast = fill(disk_of(service))
    wait_until(lambda: "progress not written" in service.read_logs(), "a checkpoint that finds no space")
    refused = service.http.post("/train", json=training("refused"))
    assert (refused.status_code, refused.json()["type"]) == (507, "/problems/disk-full")
    assert service.get(f"/jobs/{job}")["state"] == "running"
    assert service.get("/models")["items"] == []
    ballast.unlink()
    ended = service.wait_for(job)
    assert ended["attempt"] == 1
    assert digest(service, ended) == calm_digest
    assert [point["epoch"] for point in service.get(f"/jobs/{job}/curve")["items"]] == list(range(1, EPOCHS + 1))
    only_version(service, "spirals")
    service.train(training("refused"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_request_whose_temporary_file_finds_no_room_is_refused_and_leaves_none(database, small_disk_service):
    """There is room for the body, and none for its rows, which a sandboxed process writes to a file of their own."""
    service, disk = small_disk_service, disk_of(small_disk_service)
    rows = [{"x": float(number), "side": str(number % 2)} for number in range(20_000)]
    body = training("large", epochs=1) | {"data": {"rows": rows}}
    ballast = fill(disk)
    os.truncate(ballast, ballast.stat().st_size - 900_000)
    refused = service.http.post("/train", json=body)
    assert (refused.status_code, refused.json()["type"]) == (507, "/problems/disk-full")
    assert list((disk / "incoming").iterdir()) == []
    ballast.unlink()
    service.train(body)


@contextmanager
def no_file_can_be_made(disk: Path) -> Iterator[None]:
    """All of the disk's inodes are in use."""
    ballast = disk / "ballast"
    ballast.mkdir()
    with suppress(OSError):
        for number in range(DISK_FILES + 1):
            (ballast / str(number)).touch()
    with pytest.raises(OSError, match="No space left"):
        (disk / "one-more").touch()
    yield
    shutil.rmtree(ballast)


@contextmanager
def temporary_files_are_out_of_reach(disk: Path) -> Iterator[None]:
    """The folder is a link that leads to itself, which the system can't follow."""
    folder, aside = disk / "incoming", disk / "aside"
    folder.rename(aside)
    folder.symlink_to(folder.name)
    yield
    folder.unlink()
    aside.rename(folder)


@pytest.mark.parametrize("obstacle", [no_file_can_be_made, temporary_files_are_out_of_reach])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_training_whose_temporary_file_cannot_be_made_is_tried_until_it_can(
    database, small_disk_service, calm_digest, obstacle
):
    service = small_disk_service
    before = service.post("/train", json=training("before", epochs=100_000))["id"]
    wait_for_epoch(service, before, 1)
    waiting = service.post("/train", json=training())["id"]
    with obstacle(disk_of(service)):
        service.post(f"/jobs/{before}/cancel")
        tried = wait_until(lambda: has_been_tried(service.get(f"/jobs/{waiting}")), "a second attempt")
        assert tried["state"] not in TERMINAL_STATES, tried["error"]
    assert digest(service, service.wait_for(waiting)) == calm_digest
    only_version(service, "spirals")


def has_been_tried(job: dict) -> dict | None:
    return job if job["attempt"] > 1 or job["state"] in TERMINAL_STATES else None
