"""How an API process tells an engine of a new job: through procrastinate for a fleet, through a pipe for `up`."""

from __future__ import annotations

import contextlib
import os

import structlog

from service.problems import Unavailable
from service.registry.database import Database

logger = structlog.get_logger()
TASK, QUEUE = "train", "trainings"


class FleetEngine:
    """The API's end: sends a job's id to the workers."""

    def __init__(self, database: Database) -> None:
        from procrastinate import App, SyncPsycopgConnector

        self._database = database
        self._app = App(connector=SyncPsycopgConnector())  # never opened: it is lent our own connections

    def submit(self, job: str) -> None:
        """Send the id; when that fails, the reconciler of a worker will."""
        from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

        try:
            with self._database.driver_connection() as connection:
                self._app.configure_task(TASK, queue=QUEUE, queueing_lock=job, connection=connection).defer(job=job)
        except AlreadyEnqueued:
            return
        except (ConnectorException, Unavailable):
            logger.warning("the workers will find the job by themselves", job=job)


class PipeEngine:
    """A byte in the pipe tells the supervisor that there is something to do."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def submit(self, job: str) -> None:
        with contextlib.suppress(BlockingIOError, BrokenPipeError):  # a full pipe wakes the supervisor as well
            os.write(self._descriptor, b"\n")
