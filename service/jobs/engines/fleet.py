"""The engine of many machines: procrastinate on PostgreSQL carries the ids of jobs to `feedforward worker` processes.

The table `jobs` is authoritative: the reconciler sends a lost message again, and one that arrives twice finds its job
claimed already.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from service.jobs import recovery
from service.jobs.engines.notifiers import QUEUE, TASK
from service.jobs.engines.worker_pool import WorkerPool
from service.jobs.pruning import prune_forever
from service.problems import Problem
from service.registry.database import Database, libpq_address
from service.registry.dialects import moment
from service.registry.jobs.queue import ready_jobs
from service.settings import Settings

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.connector import BaseConnector

logger = structlog.get_logger()
SECONDS_BETWEEN_RECONCILIATIONS = 2.0
SHORTEST_BETWEEN_RECONCILIATIONS = 0.2
MESSAGES_PER_RECONCILIATION = 50
# When a worker is cancelled its jobs have been handed back; a message that still waits for a process waits in vain.
SECONDS_TO_END_MESSAGES = 0.5
SECONDS_TO_SEND = 3.0


class FleetWorker:
    """Receives ids from the queue and gives them to its own worker processes."""

    def __init__(self, database: Database, settings: Settings, environment: Mapping[str, str]) -> None:
        self._database, self._settings = database, settings
        self._pool = WorkerPool(settings.workers, environment, self._recover, self._notice_idle)
        self._jobs_waiting: set[str] = set()  # jobs whose message waits for a worker process
        self._has_room = asyncio.Event()

    async def run(self, _wake_descriptor: int | None = None) -> None:
        """Work until cancelled, also through restarts of the database."""
        from procrastinate.exceptions import ConnectorException
        from psycopg import OperationalError  # noqa: PLC0415  # slow to import, like procrastinate

        self._pool.start()
        while True:
            try:
                async with self._make_app().open_async() as app:
                    await self._work(app)
            except* (ConnectorException, OperationalError) as errors:  # the latter where the app can't be opened
                first = errors.exceptions[0]
                logger.warning("the database can't be reached; trying again", why=str(first.__cause__ or first))
            await asyncio.sleep(SECONDS_BETWEEN_RECONCILIATIONS)

    async def _work(self, app: App) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self._settings.workers,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=SECONDS_TO_END_MESSAGES,
                )
            )
            group.create_task(self._reconcile_forever(app))
            group.create_task(prune_forever(self._database, self._settings.keep_jobs_days))

    async def stop(self) -> None:
        """Have the worker processes hand back their jobs, and send these to the other workers."""
        jobs = self._pool.busy_jobs
        await self._pool.stop(self._settings.drain_seconds)
        await self._send_again(jobs)

    async def _send_again(self, jobs: set[str]) -> None:
        from procrastinate.exceptions import ConnectorException
        from psycopg import OperationalError  # noqa: PLC0415  # slow to import, like procrastinate

        # If they can't be reached, another worker's reconciler will find the jobs.
        with contextlib.suppress(ConnectorException, OperationalError, TimeoutError):
            async with asyncio.timeout(SECONDS_TO_SEND), self._make_app().open_async() as app:
                for job in jobs:
                    await _send(app, job)

    def _make_app(self) -> App:
        from procrastinate import App, PsycopgConnector

        connector: BaseConnector = PsycopgConnector(conninfo=libpq_address(self._database.url))
        app = App(connector=connector)
        app.task(name=TASK, queue=QUEUE)(self._handle_message)
        return app

    async def _handle_message(self, job: str) -> None:
        """Give a message's job to a worker process, and wait until that is done with it or has ended.

        A second message for a job that still waits here is dropped: it would only take the place of another job. A
        message for a job that a process is running goes to another process: either the first has lost the job, or the
        second will find it claimed.
        """
        if job in self._jobs_waiting:
            return
        self._jobs_waiting.add(job)
        try:
            await self._pool.wait_for_idle()
        finally:
            self._jobs_waiting.remove(job)
        await self._pool.assign(job).wait()

    def _notice_idle(self) -> None:
        if self._settings.max_running_per_model is not None:
            self._has_room.set()  # for a job whose message arrived while its model had no room

    async def _recover(self, worker: str, blameless: bool) -> None:
        most_losses = None if blameless else self._settings.max_attempts
        await asyncio.to_thread(recovery.recover_lost, self._database, worker, most_losses)
        self._notice_idle()

    async def _reconcile_forever(self, app: App) -> None:
        while True:
            with contextlib.suppress(Problem):
                now, workers = await asyncio.to_thread(self._find_unresponsive)
                for worker in workers:
                    self._pool.kill_worker(worker)  # first, since a worker that froze during a write holds locks
                await _send_all(app, await asyncio.to_thread(self._reconcile, now))
            await asyncio.sleep(SHORTEST_BETWEEN_RECONCILIATIONS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_room.wait(), SECONDS_BETWEEN_RECONCILIATIONS)
            self._has_room.clear()

    def _find_unresponsive(self) -> tuple[datetime, list[str]]:
        """The time, and the workers whose lease had expired by then; only our own can be killed."""
        with self._database.read() as session:
            now = moment(session)
            return now, [row.worker for row in recovery.find_expired(session, now) if row.worker]

    def _reconcile(self, now: datetime) -> list[str]:
        """Recover the jobs whose lease had expired by `now`; processes with later expiries have not been killed yet.

        Returns the jobs that need a message.
        """
        with self._database.write() as session:
            recovery.recover_expired(session, now)
            return list(ready_jobs(session, MESSAGES_PER_RECONCILIATION, self._settings.max_running_per_model))


async def _send_all(app: App, jobs: list[str]) -> None:
    from procrastinate.jobs import Status

    for job in jobs:
        await _send(app, job)
    for stalled in await app.job_manager.get_stalled_jobs(queue=QUEUE):
        # Its worker's machine is gone. This was only the message: the job itself is recovered by its lease.
        await app.job_manager.finish_job(stalled, Status.FAILED, delete_job=True)


async def _send(app: App, job: str) -> None:
    from procrastinate.exceptions import AlreadyEnqueued

    with contextlib.suppress(AlreadyEnqueued):
        await app.configure_task(TASK, queue=QUEUE, queueing_lock=job).defer_async(job=job)
