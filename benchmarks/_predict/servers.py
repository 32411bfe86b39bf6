"""Starts a contestant on one core and waits until it responds."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
READY_SECONDS = 120
CONTESTANT = {"model": "iris", "label": "species", "network": {"hidden": [16]}, "training": {"epochs": 100}}
ON_ONE_CORE = ("taskset", "-c", "0")


@dataclass(frozen=True)
class Server:
    url: str
    pid: int


@contextmanager
def script(name: str, python: str = sys.executable, *arguments: str) -> Iterator[Server]:
    """A script of this folder that takes its port as its first argument."""
    port = free_port()
    with _running([*ON_ONE_CORE, python, str(HERE / name), str(port), *arguments]) as process:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield Server(url, process.pid)


@contextmanager
def program(command: Callable[[int], list[str]], folder: Path, path: Path | None = None) -> Iterator[Server]:
    """A program whose command contains its port; `path` is a folder of programs that it needs."""
    port = free_port()
    with _running([*ON_ONE_CORE, *command(port)], folder, path) as process:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield Server(url, process.pid)


@contextmanager
def feedforward() -> Iterator[Server]:
    """Our service, as `feedforward up` runs it, with the iris network trained and all features in place."""
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        command = [str(Path(sys.executable).with_name("feedforward")), "up", "--data", data, "--port", str(port)]
        with _running([*ON_ONE_CORE, *command, "--workers", "1"]) as process:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process)
            train_iris(url)
            yield Server(url, process.pid)


def train_iris(url: str, specification: Mapping[str, object] = CONTESTANT, until: str = "succeeded") -> str:
    """Train on iris, by default the contestants' 4-16-3 network. Returns the job's id once it is in state `until`."""
    with (PROJECT / "examples" / "iris.csv").open("rb") as file:
        form = {"data": {"spec": json.dumps(specification)}, "files": {"file": ("iris.csv", file)}}
        job: str = httpx.post(f"{url}/train", timeout=60, **form).json()["id"]
    while (state := httpx.get(f"{url}/jobs/{job}").json()["state"]) != until:
        if state not in ("queued", "running"):
            raise RuntimeError(f"the training {state}")
        time.sleep(0.1)
    return job


@contextmanager
def _running(
    command: list[str], folder: Path | None = None, path: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    if path is not None:
        environment["PATH"] = f"{path}:{environment['PATH']}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder, start_new_session=True)
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(READY_SECONDS * 10):
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended by itself")
        try:
            httpx.get(url)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"{process.args} did not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
