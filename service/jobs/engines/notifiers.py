"""How an API process notifies an engine of a new job: by procrastinate for a fleet, by a pipe for `up`."""

from __future__ import annotations

import contextlib
import os

import structlog

from service.problems import Unavailable
from service.registry.database import Database

logger = structlog.get_logger()
TASK, QUEUE = "train", "trainings"


class FleetEngine:
    """Sends a job's id from the API to the workers of a fleet."""

    def __init__(self, database: Database) -> None:
        from procrastinate import App, SyncPsycopgConnector

        self._database = database
        self._app = App(connector=SyncPsycopgConnector())  # never opened: it uses our own connections

    def submit(self, job: str) -> None:
        """Send the id; if that fails, the reconciler of a worker will send it."""
        from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

        try:
            with self._database.driver_connection() as connection:
                self._app.configure_task(TASK, queue=QUEUE, queueing_lock=job, connection=connection).defer(job=job)
        except AlreadyEnqueued:
            return
        except (ConnectorException, Unavailable):
            logger.warning("the workers will find the job by themselves", job=job)


class PipeEngine:
    """Wakes the supervisor by a byte in a pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def submit(self, job: str) -> None:
        with contextlib.suppress(BlockingIOError, BrokenPipeError):  # a full pipe wakes the supervisor as well
            os.write(self._descriptor, b"\n")
