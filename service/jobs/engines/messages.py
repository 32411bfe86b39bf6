"""The API's end of the fleet's engine: messages that carry a job's id to the workers."""

from __future__ import annotations

import threading

import structlog

logger = structlog.get_logger()
TASK, QUEUE = "train", "trainings"


def libpq_url(database_url: str) -> str:
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


class FleetEngine:
    """The API's end: sends a job's id to the workers."""

    def __init__(self, database_url: str) -> None:
        from procrastinate import App, SyncPsycopgConnector

        self._app = App(connector=SyncPsycopgConnector(conninfo=libpq_url(database_url)))
        self._opening = threading.Lock()
        self._opened = False

    def submit(self, job: str) -> None:
        """Send the id; when that fails, the reconciler of a worker will."""
        from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

        try:
            self._open()
            self._app.configure_task(TASK, queue=QUEUE, queueing_lock=job).defer(job=job)
        except AlreadyEnqueued:
            return
        except ConnectorException:
            logger.warning("the workers will find the job by themselves", job=job)

    def _open(self) -> None:
        with self._opening:
            if not self._opened:
                self._app.open()
                self._opened = True
