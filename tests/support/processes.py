"""Real processes for the tests: started with their own settings, ended by their id, with a log to show."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("feedforward")
READY_SECONDS = 30
STOP_SECONDS = 30
_ADDRESS = re.compile(r"https?://[^\s'\"]+[^\s'\".,;]")


class NotReady(Exception):
    """The process ended, or did not print its address in time."""


def environment(**settings: object) -> dict[str, str]:
    """This process's environment with only these FEEDFORWARD_ settings (`max_rows=5`: FEEDFORWARD_MAX_ROWS)."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FEEDFORWARD_")}
    return inherited | {f"FEEDFORWARD_{name.upper()}": str(value) for name, value in settings.items()}


class FeedforwardProcess:
    """`feedforward ARGUMENTS…` in a process group of its own; everything that it prints is also written to a log file.

    `within` is a command that prepares the environment and then executes it, as `unshare` does.
    """

    def __init__(self, arguments: Sequence[str], log: Path, *, within: Sequence[str] = (), **settings: object) -> None:
        self.log = log
        self._addresses: queue.Queue[str | None] = queue.Queue()
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [*within, str(COMMAND), *arguments],
                cwd=log.parent,
                env=environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_ready(self) -> str:
        """The address in the line that the process prints when it is ready."""
        try:
            address = self._addresses.get(timeout=READY_SECONDS)
        except queue.Empty:
            address = None
        if address is None:
            self.stop()
            raise NotReady(f"`{' '.join(self.process.args)}` did not become ready; its log:\n{self.read_log()}")
        return address

    def stop(self) -> int:
        """End the process by SIGTERM, as an operator does; returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait()

    def kill(self) -> None:
        """End the process alone at once, as a crash would; its children have to notice by themselves."""
        self.process.kill()
        self.wait()

    def kill_group(self) -> None:
        """End the process and its children at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        try:
            code = self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise
        finally:
            self._reader.join(timeout=STOP_SECONDS)
            self.process.stdout.close()
        return code

    def read_log(self) -> str:
        return self.log.read_text(errors="replace")

    def _read_output(self) -> None:
        with self.log.open("a") as log:
            for line in self.process.stdout:
                log.write(line)
                log.flush()
                if match := _ADDRESS.search(line):
                    self._addresses.put(match[0])
        self._addresses.put(None)
