"""Starts `feedforward up` on a folder, and ends it by SIGTERM."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

USUAL_PORT = 8000
STOP_SECONDS = 60


class RunningService:
    """A service that is ready at `address`."""

    def __init__(self, process: subprocess.Popen[str], output: IO[str], log: Path) -> None:
        self.process = process
        self.address = _wait_for_address(output, log)

    def wait(self) -> None:
        self.process.wait()


@contextmanager
def running_service(folder: Path) -> Iterator[RunningService]:
    """The service in a session of its own: Ctrl-C reaches only this script, which then ends the service by SIGTERM."""
    command = [str(Path(sys.executable).with_name("feedforward")), "up"]
    options = ["--data", str(folder / "data"), "--port", str(_usable_port())]
    log = folder / "demo.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command + options,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield RunningService(process, process.stdout, log)
        finally:
            process.terminate()
            process.wait(timeout=STOP_SECONDS)


def _usable_port() -> int:
    """The usual port, or 0 (any) if another program uses it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return 0
    return USUAL_PORT


def _wait_for_address(output: IO[str], log: Path) -> str:
    for line in output:
        if match := re.search(r"http://[\w.:-]+", line):
            return match[0]
    raise ChildProcessError(f"`feedforward up` did not start:\n{log.read_text(errors='replace')}")
