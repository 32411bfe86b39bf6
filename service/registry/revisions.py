"""Revisions of mutable rows: what an ETag names, and the check of If-Match."""

from __future__ import annotations

from datetime import datetime

from service.problems import PreconditionFailed


def check_revision(revision: int, expected: int | None) -> None:
    """Compare and set. Raises PreconditionFailed."""
    if expected is not None and expected != revision:
        raise PreconditionFailed("It was changed in the meantime. Read it again, then decide.")


def revision_at(moment: datetime) -> int:
    """Never given twice, so that the ETag of what was deleted does not fit what is made again."""
    return int(moment.timestamp() * 1_000_000)
