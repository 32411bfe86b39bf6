"""Starts a contestant on one core and waits until it answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
READY_SECONDS = 120
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
    """A program that is told its port; `path` is where it finds others."""
    port = free_port()
    with _running([*ON_ONE_CORE, *command(port)], folder, path) as process:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield Server(url, process.pid)


@contextmanager
def feedforward() -> Iterator[Server]:
    """Ours, as `feedforward up` runs it, with the iris network trained and all features in place."""
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        command = [str(Path(sys.executable).with_name("feedforward")), "up", "--data", data, "--port", str(port)]
        with _running([*ON_ONE_CORE, *command, "--workers", "1"]) as process:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process)
            _train(url)
            yield Server(url, process.pid)


def _train(url: str) -> None:
    """A 4-16-3 network, as the contestants have."""
    spec = '{"model": "iris", "label": "species", "network": {"hidden": [16]}, "training": {"epochs": 100}}'
    with (PROJECT / "examples" / "iris.csv").open("rb") as file:
        job = httpx.post(f"{url}/train", data={"spec": spec}, files={"file": ("iris.csv", file)}, timeout=60).json()
    while (state := httpx.get(f"{url}/jobs/{job['id']}").json()["state"]) in ("queued", "running"):
        time.sleep(0.1)
    if state != "succeeded":
        raise RuntimeError(f"the training {state}")


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
