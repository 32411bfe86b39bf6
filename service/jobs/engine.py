"""The seam between the queue in the database and whatever wakes the workers."""

from __future__ import annotations

from typing import Protocol


class Engine(Protocol):
    """Told after the commit; losing a call costs time, never a job, since the table `jobs` is the truth."""

    def submit(self, job: str) -> None:
        """A job was queued: have a worker claim it."""
