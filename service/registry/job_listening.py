"""What those who follow jobs ask for: whether there is something new, for many jobs at once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.registry.tables import JobRow


def newest_events(session: Session, jobs: Collection[str]) -> dict[str, int]:
    """The number of the newest event of each job."""
    wanted = select(JobRow.id, JobRow.last_event).where(JobRow.id.in_(jobs))
    return {row.id: row.last_event for row in session.execute(wanted)}
