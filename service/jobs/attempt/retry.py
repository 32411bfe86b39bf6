"""Waiting for a database that is away or full for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from service.problems import DiskFull, Unavailable

logger = structlog.get_logger()
SECONDS_BETWEEN_TRIES = 1.0


def retry_while_unavailable(action: Callable[[], None], patience_seconds: float = 60) -> None:
    """Do it, and do it again while the database cannot take it. Raises DiskFull or Unavailable when patience ends."""
    give_up_at = time.monotonic() + patience_seconds
    while True:
        try:
            return action()
        except (DiskFull, Unavailable) as problem:
            if time.monotonic() > give_up_at:
                raise
            logger.warning("the database cannot store it yet", why=problem.detail)
            time.sleep(SECONDS_BETWEEN_TRIES)
