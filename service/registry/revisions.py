"""Revisions of mutable rows: what an ETag names, and the check of If-Match."""

from __future__ import annotations

from datetime import datetime

from service.problems import PreconditionFailed


def check_revision(revision: int, expected: int | None) -> None:
    """Check the caller's If-Match, if any, against a row's revision. Raises PreconditionFailed."""
    if expected is not None and expected != revision:
        raise PreconditionFailed("It was changed in the meantime. Read it again, then decide.")


def revision_at(moment: datetime) -> int:
    """The revision of a change at a moment. None repeats, so the ETag of a deleted row never fits its successor."""
    return int(moment.timestamp() * 1_000_000)
