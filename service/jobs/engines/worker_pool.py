"""A pool of warm worker processes, each with one job at a time; dead ones are replaced at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

import structlog
import uuid_utils

from service.child_processes import kill, read_line, start_child, write_line
from service.jobs.worker.protocol import HAND_BACK, TEMPORARY_FAILURE

logger = structlog.get_logger()
SECONDS_BEFORE_A_REPLACEMENT = 0.5


class WorkerProcess:
    """One worker process and the pipes to it. `worker` is the name under which it claims jobs."""

    def __init__(self, process: asyncio.subprocess.Process, worker: str) -> None:
        self.process, self.worker = process, worker
        self.job: str | None = None
        self._ended = asyncio.Event()

    @classmethod
    async def start(cls, environment: Mapping[str, str]) -> WorkerProcess:
        worker = str(uuid_utils.uuid7())
        return cls(await start_child("service.jobs.worker.process", worker, environment=environment), worker)

    def begin(self, job: str) -> asyncio.Event:
        """Have the process run a job. The event is set when the job, or the process, has ended."""
        self.job, self._ended = job, asyncio.Event()
        self.send(job)
        return self._ended

    def end(self) -> None:
        """Note that the process no longer has a job."""
        self.job = None
        self._ended.set()

    async def read_line(self) -> str:
        """The process's next word; empty when the process has ended."""
        return (await read_line(self.process)).decode().strip()

    def send(self, order: str) -> None:
        with contextlib.suppress(ConnectionError):  # it has just died, as `read_line` will notice
            write_line(self.process, order.encode())


class WorkerPool:
    """Keeps `size` worker processes running.

    `on_loss` is called with the name of a worker that ended, and whether its job is blameless; `on_idle` when a worker
    is free. Each is starting, idle or busy at any time. The caller of `assign` waits for the worker, not for the job:
    whatever happens to the job elsewhere, the worker becomes free again.
    """

    def __init__(
        self,
        size: int,
        environment: Mapping[str, str],
        on_loss: Callable[[str, bool], Awaitable[None]],
        on_idle: Callable[[], None],
    ) -> None:
        self._size, self._environment = size, environment
        self._on_loss, self._on_idle = on_loss, on_idle
        self._workers: set[WorkerProcess] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._idle: list[WorkerProcess] = []
        self._idle_changed = asyncio.Condition()
        self._stopping = False

    def start(self) -> None:
        self._keepers = [asyncio.create_task(self._keep_worker()) for _ in range(self._size)]

    @property
    def idle(self) -> int:
        return 0 if self._stopping else len(self._idle)

    @property
    def busy_jobs(self) -> set[str]:
        return {worker_process.job for worker_process in self._workers if worker_process.job is not None}

    def assign(self, job: str) -> asyncio.Event:
        """Give a job to an idle worker. The event is set when the worker is done with it, or has ended."""
        return self._idle.pop().begin(job)

    async def wait_for_idle(self) -> None:
        """Wait until a worker is idle. Call `assign` before awaiting anything else."""
        async with self._idle_changed:
            await self._idle_changed.wait_for(lambda: self.idle > 0)

    def kill_worker(self, worker: str) -> None:
        """Kill a worker that no longer responds; it is replaced like any that ends."""
        for worker_process in self._workers:
            if worker_process.worker == worker:
                kill(worker_process.process)

    async def stop(self, patience_seconds: float) -> None:
        """Have every worker hand back its job with a checkpoint, and end; those that do not respond are killed."""
        self._stopping = True
        for worker_process in self._workers:
            worker_process.send(HAND_BACK)
        if self._keepers:
            _, unresponsive = await asyncio.wait(self._keepers, timeout=patience_seconds)
            for worker_process in self._workers:
                kill(worker_process.process)
            await asyncio.gather(*unresponsive, return_exceptions=True)

    async def _keep_worker(self) -> None:
        while not self._stopping:
            worker_process = await WorkerProcess.start(self._environment)
            self._workers.add(worker_process)
            if self._stopping:
                worker_process.send(HAND_BACK)
            await self._serve(worker_process)
            await self._reap(worker_process)

    async def _serve(self, worker_process: WorkerProcess) -> None:
        while await worker_process.read_line():
            worker_process.end()
            self._idle.append(worker_process)
            self._on_idle()
            async with self._idle_changed:
                self._idle_changed.notify_all()

    async def _reap(self, worker_process: WorkerProcess) -> None:
        code = await worker_process.process.wait()
        self._workers.discard(worker_process)
        if worker_process in self._idle:
            self._idle.remove(worker_process)
        job = worker_process.job
        worker_process.end()
        if self._stopping:
            return
        blameless = code in (0, TEMPORARY_FAILURE)  # 0: it had grown too large and ended for a fresh one
        await self._on_loss(worker_process.worker, blameless)
        if code != 0:
            logger.warning("a worker process died", code=code, job=job)
            await asyncio.sleep(SECONDS_BEFORE_A_REPLACEMENT)
