"""Trainings long enough to be interrupted, and the tools to interrupt them."""

import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil

from service.registry.database import Database
from service.registry.jobs import jobs
from tests.support.service import Service

LONG_ENOUGH_SECONDS = 60


def spirals(n_rows: int = 400) -> list[dict]:
    """Two spirals that wind into each other: a task that a small network learns slowly."""
    generator = np.random.default_rng(1)
    turn = np.sqrt(generator.random(n_rows)) * 9
    side = np.arange(n_rows) % 2
    x = (-1) ** side * turn * np.cos(turn) + generator.random(n_rows)
    y = (-1) ** side * turn * np.sin(turn) + generator.random(n_rows)
    return [
        {"x": float(a), "y": float(b), "side": "left" if s else "right"} for a, b, s in zip(x, y, side, strict=True)
    ]


EPOCHS = 500


def training(model: str = "spirals", epochs: int = EPOCHS, **fields) -> dict:
    """A training of a second or two, with dropout and a schedule, so that all of its state matters."""
    return {
        "model": model,
        "data": {"rows": spirals()},
        "label": "side",
        "network": {"hidden": [24, 24], "dropout": 0.1},
        "training": {
            "epochs": epochs,
            "batch_size": 16,
            "optimizer": {"name": "adam", "learning_rate": 0.005},
            "schedule": "cosine",
            "seed": 7,
            "checkpoint_every": 10,
        },
        **fields,
    }


def wait_until(condition: Callable[[], object], what: str) -> object:
    """Poll a condition until it is true; returns its value, and fails if it stays false."""
    give_up_at = time.monotonic() + LONG_ENOUGH_SECONDS
    while not (value := condition()):
        assert time.monotonic() < give_up_at, f"waited in vain for {what}"
        time.sleep(0.01)
    return value


def wait_for_epoch(service: Service, job: str, epoch: int) -> None:
    def is_reached() -> bool:
        response = service.get(f"/jobs/{job}")
        assert response["state"] in ("queued", "running"), f"the job {response['state']} before epoch {epoch}"
        return response["state"] == "running" and (response["progress"] or {}).get("epoch", 0) >= epoch

    wait_until(is_reached, f"epoch {epoch}")


def trainers(service: Service) -> list[psutil.Process]:
    """The service's worker processes."""
    return running_module(service, "service.jobs.worker.process")


def running_module(service: Service, module: str) -> list[psutil.Process]:
    """The processes of the service that run a module of ours."""
    below = [child for process in service.processes for child in _children(process.pid)]
    return [child for child in below if module in _command(child)]


def trainer_of(service: Service, job: str) -> psutil.Process:
    """The worker process that holds a job: its command has the name that claimed the job. Waits until there is one."""

    def holder() -> psutil.Process | None:
        with closing(Database(service.database_url)) as database, database.read() as session:
            row = jobs.get_row(session, job)
            worker = row.worker if row.state == "running" else None
        return next((process for process in trainers(service) if worker in _command(process)), None)

    return wait_until(holder, "a worker process that holds the job")


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def digest(service: Service, job: dict) -> str:
    """The digest of the weights of a job's version."""
    return service.get(f"/models/{job['model']}/versions/{job['version']}")["weights_sha256"]


def only_version(service: Service, model: str) -> None:
    """Check that the model has exactly one version, number 1."""
    assert [version["version"] for version in service.get(f"/models/{model}/versions")["items"]] == [1]


def marker(folder: Path, name: str) -> str:
    """The value of FEEDFORWARD_FAILPOINT for a failure that happens once."""
    return f"{name}@{folder / name}"


def end_quietly(process: psutil.Process, number: int) -> None:
    """Send a signal to a process that may have ended already."""
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return
