"""A pool of warm trainer processes, each with one job at a time; the dead are replaced at once."""

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
    """One worker process and the pipes to it. `worker` is the name under which it claims."""

    def __init__(self, process: asyncio.subprocess.Process, worker: str) -> None:
        self.process, self.worker = process, worker
        self.job: str | None = None
        self._ended = asyncio.Event()

    @classmethod
    async def start(cls, environment: Mapping[str, str]) -> WorkerProcess:
        worker = str(uuid_utils.uuid7())
        return cls(await start_child("service.jobs.worker.process", worker, environment=environment), worker)

    def begin(self, job: str) -> asyncio.Event:
        """Have it run a job. The event is set when that has ended, or the process has."""
        self.job, self._ended = job, asyncio.Event()
        self.say(job)
        return self._ended

    def end(self) -> None:
        """Note that its job, if it had one, is no longer with it."""
        self.job = None
        self._ended.set()

    async def read_line(self) -> str:
        """The process's next word; empty when it has ended."""
        return (await read_line(self.process)).decode().strip()

    def say(self, order: str) -> None:
        with contextlib.suppress(ConnectionError):  # it has just died, which `read_line` will notice
            write_line(self.process, order.encode())


class WorkerPool:
    """Keeps `size` trainers. `on_loss` is told the worker of a process that ended, and
    whether that was no fault of its job; `on_idle` that one is free.

    Each is starting, idle or busy at any time, and whoever gave it a job waits for this trainer, not for the job: so
    nothing that becomes of a job elsewhere can keep a trainer's place from being free again.
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
        self._trainers: set[WorkerProcess] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._idle: list[WorkerProcess] = []
        self._freed = asyncio.Condition()
        self._stopping = False

    def start(self) -> None:
        self._keepers = [asyncio.create_task(self._keep_one()) for _ in range(self._size)]

    @property
    def idle(self) -> int:
        return 0 if self._stopping else len(self._idle)

    @property
    def busy_jobs(self) -> set[str]:
        return {trainer.job for trainer in self._trainers if trainer.job is not None}

    def assign(self, job: str) -> asyncio.Event:
        """Give a job to an idle trainer. The event is set when the trainer is done with it, or is gone."""
        return self._idle.pop().begin(job)

    async def wait_for_idle(self) -> None:
        """Until one is idle: `assign` it before anything else is awaited."""
        async with self._freed:
            await self._freed.wait_for(lambda: self.idle > 0)

    def kill_worker(self, worker: str) -> None:
        """End a trainer that no longer answers; its keeper sees to the rest."""
        for trainer in self._trainers:
            if trainer.worker == worker:
                kill(trainer.process)

    async def stop(self, patience_seconds: float) -> None:
        """Have every trainer hand back its job with a checkpoint, and end; the deaf are killed."""
        self._stopping = True
        for trainer in self._trainers:
            trainer.say(HAND_BACK)
        if self._keepers:
            _, deaf = await asyncio.wait(self._keepers, timeout=patience_seconds)
            for trainer in self._trainers:
                kill(trainer.process)
            await asyncio.gather(*deaf, return_exceptions=True)

    async def _keep_one(self) -> None:
        while not self._stopping:
            trainer = await WorkerProcess.start(self._environment)
            self._trainers.add(trainer)
            if self._stopping:
                trainer.say(HAND_BACK)
            await self._serve(trainer)
            await self._bury(trainer)

    async def _serve(self, trainer: WorkerProcess) -> None:
        while await trainer.read_line():
            trainer.end()
            self._idle.append(trainer)
            self._on_idle()
            async with self._freed:
                self._freed.notify_all()

    async def _bury(self, trainer: WorkerProcess) -> None:
        code = await trainer.process.wait()
        self._trainers.discard(trainer)
        if trainer in self._idle:
            self._idle.remove(trainer)
        job = trainer.job
        trainer.end()
        if self._stopping:
            return
        blameless = code in (0, TEMPORARY_FAILURE)  # 0: it had grown too large and made room for a fresh one
        await self._on_loss(trainer.worker, blameless)
        if code != 0:
            logger.warning("a worker process died", code=code, job=job)
            await asyncio.sleep(SECONDS_BEFORE_A_REPLACEMENT)
