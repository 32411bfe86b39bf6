"""The interface between the queue in the database and the engines that wake the workers."""

from __future__ import annotations

from typing import Protocol


class Engine(Protocol):
    """Notified after the commit. A lost call costs time, never a job, since the table `jobs` is authoritative."""

    def submit(self, job: str) -> None:
        """Have a worker claim this job, which was just queued."""
