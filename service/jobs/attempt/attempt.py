"""One attempt at a job, as its kind's code sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.jobs.attempt.progress import JobProgress
from service.jobs.attempt.retry import retry_while_unavailable
from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs.jobs import Claim
from service.registry.tables import JobRow
from service.settings import Settings


@dataclass(frozen=True)
class JobAttempt:
    """What the attempt works on, and where it tells how it goes."""

    database: Database
    settings: Settings
    row: JobRow
    claim: Claim
    monitor: JobProgress

    @property
    def request(self) -> dict[str, Any]:
        return self.row.request

    def end(self, state: str, **values: Any) -> None:
        """End the job, with what is left of its curve. Raises ClaimLost."""
        progress = self.monitor.progress or self.row.progress
        with self.database.write() as session:
            jobs.update_claimed(session, self.claim)
            self.monitor.flush(session)
            jobs.end(session, self.claim, state, progress=progress, **values)

    def succeed(self, result: dict[str, Any]) -> None:
        """End a job that makes no version, waiting for a database that is away. Raises ClaimLost."""
        retry_while_unavailable(lambda: self.end("succeeded", result=result))
