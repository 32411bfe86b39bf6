"""Engines alone, with a task that does nothing: procrastinate, and DBOS in an environment of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from procrastinate import App, PsycopgConnector

from service.registry.database import libpq_address


@dataclass(frozen=True)
class Measurement:
    """Milliseconds until a task is queued and until it starts, and tasks per second."""

    submit_ms: float
    claim_ms: float
    per_second: float


async def measure_procrastinate(database_url: str, jobs: int) -> Measurement:
    """One worker with two tasks at once. The tables of procrastinate must exist."""
    starts: dict[int, float] = {}
    task_started = asyncio.Event()
    app = App(connector=PsycopgConnector(conninfo=libpq_address(database_url)))

    @app.task(name="nothing", queue="bench")
    async def nothing(number: int) -> None:
        starts[number] = time.perf_counter()
        task_started.set()

    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(queues=["bench"], concurrency=2, delete_jobs="always", install_signal_handlers=False)
        )
        await asyncio.sleep(1)  # until it listens
        latencies, waits = [], []
        for number in range(jobs):
            started = time.perf_counter()
            await nothing.defer_async(number=number)
            latencies.append(time.perf_counter() - started)
            while number not in starts:
                task_started.clear()
                await task_started.wait()
            waits.append(starts[number] - started)
        started = time.perf_counter()
        for number in range(jobs, 2 * jobs):
            await nothing.defer_async(number=number)
        while len(starts) < 2 * jobs:
            task_started.clear()
            await task_started.wait()
        rate = jobs / (time.perf_counter() - started)
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
    return Measurement(statistics.median(latencies) * 1000, statistics.median(waits) * 1000, rate)


def measure_dbos(python: str, database_url: str, jobs: int, polling_seconds: float) -> Measurement:
    """DBOS in one process with two workflows at once."""
    script = Path(__file__).with_name("bare_dbos.py")
    command = [python, str(script), libpq_address(database_url), str(jobs), str(polling_seconds)]
    return Measurement(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
