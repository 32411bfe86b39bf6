"""The processes below one command: API processes on one socket, and what feeds the workers.

What this file imports is paid before the first API process starts, so it imports little.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Protocol

import orjson

from service.child_processes import kill, read_line, start_child
from service.problems import Problem
from service.settings import Settings

SECONDS_TO_WAIT_FOR_THE_PORT = 3.0
SECONDS_BEFORE_A_REPLACEMENT = 0.5


class Feeder(Protocol):
    """Feeds workers from the queue: the embedded supervisor or a worker of a fleet."""

    async def run(self, wake_descriptor: int) -> None: ...

    async def stop(self) -> None: ...


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for the processes below."""
    values = settings.model_dump(mode="json", exclude_none=True)
    texts = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in values.items()}
    return {f"FEEDFORWARD_{name.upper()}": text for name, text in texts.items()}


def listen(host: str, port: int) -> socket.socket:
    """The listening socket; waits a moment for a port that the processes of an earlier run are just leaving."""
    give_up_at = time.monotonic() + SECONDS_TO_WAIT_FOR_THE_PORT
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=2048)
        except OSError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)


class ProcessTree:
    """Runs until SIGTERM or SIGINT, then drains: requests are answered, jobs are handed back."""

    def __init__(self, settings: Settings, listener: socket.socket | None, make_feeder: Callable[[], Feeder] | None):
        self._settings, self._listener, self._make_feeder = settings, listener, make_feeder
        self._environment = environment_of(settings)
        self._wake_read, self._wake_write = os.pipe()
        self._apis: set[asyncio.subprocess.Process] = set()
        self._starting: set[asyncio.subprocess.Process] = set()
        self._stopping = asyncio.Event()
        self._ready = asyncio.Event()
        self._failed = False

    async def run(self) -> int:
        """Returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        # The API processes start while this one imports what the feeder needs.
        first = [await self._start_api() for _ in range(self._api_count)]
        keepers = [asyncio.create_task(self._keep_api(process)) for process in first]
        feeder = self._try_to_make_feeder()
        feeding = asyncio.create_task(self._feed(feeder)) if feeder else None
        announcing = asyncio.create_task(self._announce())
        await self._stopping.wait()
        announcing.cancel()
        if self._listener is not None:
            self._listener.close()  # the last API process to close it makes new connections be refused
        await asyncio.gather(self._stop_feeding(feeder, feeding), self._stop_apis(keepers))
        return 1 if self._failed else 0

    @property
    def _api_count(self) -> int:
        return self._settings.api_processes if self._listener else 0

    def _try_to_make_feeder(self) -> Feeder | None:
        try:
            return self._make_feeder() if self._make_feeder else None
        except (Problem, OSError) as error:
            self._fail(str(error))
            return None

    async def _announce(self) -> None:
        if self._listener is None:
            print("Feedforward's workers are ready", flush=True)
            return
        await self._ready.wait()
        host, port = self._listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(f"Feedforward is ready at http://{shown}:{port}", flush=True)

    async def _feed(self, feeder: Feeder) -> None:
        if self._listener is not None:
            await self._ready.wait()  # the API comes first, so that it is ready soon
        try:
            await feeder.run(self._wake_read)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._fail(f"the workers stopped: {error}")

    async def _stop_feeding(self, feeder: Feeder | None, feeding: asyncio.Task[None] | None) -> None:
        if feeder is None or feeding is None:
            return
        await feeder.stop()
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding

    async def _keep_api(self, process: asyncio.subprocess.Process) -> None:
        while True:
            became_ready = await self._hear_ready(process)
            code = await process.wait()
            self._apis.discard(process)
            if not became_ready and not self._ready.is_set():
                self._fail(f"the API did not start (exit code {code}); the lines above say why")
            if self._stopping.is_set():
                return
            print(f"feedforward: an API process ended (exit code {code}) and is replaced", file=sys.stderr)
            await asyncio.sleep(SECONDS_BEFORE_A_REPLACEMENT)
            process = await self._start_api()

    async def _start_api(self) -> asyncio.subprocess.Process:
        assert self._listener is not None  # there are API processes only where there is a socket
        descriptors = (self._listener.fileno(), self._wake_write)
        process = await start_child(
            "feedforward.processes.api_process",
            *map(str, descriptors),
            environment=self._environment,
            descriptors=descriptors,
        )
        self._apis.add(process)
        self._starting.add(process)
        if self._stopping.is_set():
            process.terminate()
        return process

    async def _hear_ready(self, process: asyncio.subprocess.Process) -> bool:
        line = await read_line(process)
        self._starting.discard(process)
        if line != b"ready\n":
            return False
        self._ready.set()
        return True

    async def _stop_apis(self, keepers: list[asyncio.Task[None]]) -> None:
        # A process that is still starting would hold the socket open for clients that nobody accepts any more.
        starting = list(self._starting)
        for process in starting:
            kill(process)
        await asyncio.gather(*(process.wait() for process in starting))
        for process in self._apis:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        if keepers:
            _, late = await asyncio.wait(keepers, timeout=self._settings.drain_seconds + 2)
            for process in self._apis if late else ():
                kill(process)

    def _fail(self, why: str) -> None:
        if not self._stopping.is_set():
            print(f"feedforward: {why}", file=sys.stderr)
            self._failed = True
        self._stopping.set()
