"""Whether the queue is full, without counting a long one for each job that comes."""

from __future__ import annotations

import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.registry.job_states import IS_QUEUED
from service.registry.tables import JobRow

REMEMBERED_SECONDS = 1.0
ALWAYS_COUNTED = 1_000
NEARLY_FULL = 0.9


def count_queued(session: Session, most: int) -> int:
    """The number of queued jobs, counted no further than `most`."""
    queued = select(JobRow.id).where(IS_QUEUED).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(queued)) or 0


class QueueLength:
    """One per process. A count is good for a second, while the queue is long and far from full."""

    def __init__(self) -> None:
        self._length, self._good_until = 0, 0.0

    def reaches(self, session: Session, most: int) -> bool:
        """Whether there are `most` jobs in the queue. Below a tenth from full others may add for a second unseen."""
        far_from_full = most > ALWAYS_COUNTED and self._length < most * NEARLY_FULL
        if not far_from_full or time.monotonic() > self._good_until:
            self._length = count_queued(session, most)
            self._good_until = time.monotonic() + REMEMBERED_SECONDS
        self._length += 1
        return self._length > most
