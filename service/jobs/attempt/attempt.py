"""One attempt at a job, as its kind's code sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from service.jobs.attempt.progress import JobProgress
from service.problems import DiskFull, Unavailable
from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs.jobs import Claim
from service.registry.tables import JobRow
from service.settings import Settings

logger = structlog.get_logger()
SECONDS_BETWEEN_TRIES = 1.0


@dataclass(frozen=True)
class JobAttempt:
    """The job that an attempt works on, and the means to report its progress and end it."""

    database: Database
    settings: Settings
    row: JobRow
    claim: Claim
    progress: JobProgress

    @property
    def request(self) -> dict[str, Any]:
        return self.row.request

    def end(self, state: str, **values: Any) -> None:
        """End the job, with the rest of its curve. Raises ClaimLost."""
        progress = self.progress.latest or self.row.progress
        with self.database.write() as session:
            jobs.update_claimed(session, self.claim)
            self.progress.flush(session)
            jobs.end(session, self.claim, state, progress=progress, **values)

    def succeed(self, result: dict[str, Any]) -> None:
        """End a job that registers no version, waiting while the database is away. Raises ClaimLost."""
        retry_while_unavailable(lambda: self.end("succeeded", result=result))


def retry_while_unavailable(action: Callable[[], None], patience_seconds: float = 60) -> None:
    """Repeat an action while the database is away or full. Raises DiskFull or Unavailable when the patience ends."""
    give_up_at = time.monotonic() + patience_seconds
    while True:
        try:
            return action()
        except (DiskFull, Unavailable) as problem:
            if time.monotonic() > give_up_at:
                raise
            logger.warning("the database cannot store it yet", why=problem.detail)
            time.sleep(SECONDS_BETWEEN_TRIES)
