"""How many jobs there are, for operators."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.registry.tables import JobRow


def count_by_state(session: Session) -> dict[str, int]:
    """States without a job are left out."""
    counted = select(JobRow.state, func.count()).group_by(JobRow.state)
    return {row[0]: row[1] for row in session.execute(counted)}
