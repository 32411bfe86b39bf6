"""The engine of one machine: the supervisor of `feedforward up` gives queued jobs to its own worker processes.

A byte in a pipe from the API processes wakes it, and it checks by itself once a second for jobs that are due and for
workers that have stopped responding.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from typing import TypeVar

import structlog

from service.jobs import recovery
from service.jobs.engines.worker_pool import WorkerPool
from service.jobs.pruning import prune_forever
from service.problems import Problem
from service.registry.database import Database
from service.registry.jobs.queue import ready_jobs
from service.settings import Settings

logger = structlog.get_logger()
SECONDS_BETWEEN_CHECKS = 1.0
SECONDS_TO_RECOVER = 2.0

T = TypeVar("T")


class EmbeddedSupervisor:
    """Worker processes, and the queue that feeds them."""

    def __init__(self, database: Database, settings: Settings, environment: Mapping[str, str]) -> None:
        self._database, self._settings = database, settings
        self._pool = WorkerPool(settings.workers, environment, self._recover, self._wake)
        self._is_awake = asyncio.Event()

    async def run(self, wake_descriptor: int) -> None:
        """Feed the workers until cancelled. Jobs that an earlier supervisor left running are queued again first."""
        loop = asyncio.get_running_loop()
        loop.add_reader(wake_descriptor, self._drain, wake_descriptor)
        await self._in_thread(self._recover_all)
        self._pool.start()
        pruning = asyncio.create_task(prune_forever(self._database, self._settings.keep_jobs_days))
        try:
            await self._feed_forever()
        finally:
            pruning.cancel()

    async def _feed_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_awake.wait(), SECONDS_BETWEEN_CHECKS)
            self._is_awake.clear()
            await self._kill_unresponsive()
            await self._feed()

    async def stop(self) -> None:
        await self._pool.stop(self._settings.drain_seconds)

    async def _feed(self) -> None:
        if not self._pool.idle:
            return
        busy = self._pool.busy_jobs
        ready = await self._in_thread(lambda: self._ready(self._pool.idle + len(busy)))
        for job in [job for job in ready or [] if job not in busy][: self._pool.idle]:
            self._pool.assign(job)

    def _ready(self, limit: int) -> list[str]:
        with self._database.read() as session:
            return list(ready_jobs(session, limit, self._settings.max_running_per_model))

    def _recover_all(self) -> None:
        with self._database.write() as session:
            recovery.recover_all(session)

    async def _recover(self, worker: str, blameless: bool) -> None:
        most_losses = None if blameless else self._settings.max_attempts
        await asyncio.to_thread(recovery.recover_lost, self._database, worker, most_losses)
        self._wake()

    async def _kill_unresponsive(self) -> None:
        """Recover the jobs of workers whose lease has expired, since these are frozen, and then kill the workers.

        In this order: while nothing can be written, no worker can extend its lease, though none may be frozen. But not
        for long: a worker that froze during a write holds the lock for which all others wait.
        """
        workers = await self._in_thread(self._find_unresponsive)
        if not workers:
            return
        recovery_task = asyncio.create_task(self._in_thread(self._recover_expired))
        await asyncio.wait([recovery_task], timeout=SECONDS_TO_RECOVER)
        for worker in workers:
            self._pool.kill_worker(worker)
        await recovery_task

    def _find_unresponsive(self) -> list[str]:
        with self._database.read() as session:
            return [row.worker for row in recovery.find_expired(session) if row.worker]

    def _recover_expired(self) -> None:
        with self._database.write() as session:
            recovery.recover_expired(session)

    def _wake(self) -> None:
        self._is_awake.set()

    def _drain(self, descriptor: int) -> None:
        os.read(descriptor, 65536)
        self._wake()

    async def _in_thread(self, action: Callable[[], T]) -> T | None:
        try:
            return await asyncio.to_thread(action)
        except Problem as problem:
            logger.error("the queue could not be read", why=problem.detail)
            return None
