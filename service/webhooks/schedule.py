"""When a failed delivery is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_JITTER = 0.2
LONGEST_RETRY_AFTER_SECONDS = 86_400.0


def seconds_to_next(waits: Sequence[float], tries: int, chance: float, retry_after: float = 0) -> float | None:
    """How long to wait after the attempt with this number, counted from 0; None after the last one.

    `chance` in [0, 1) draws up to a fifth on top, so that deliveries that failed together are not retried together.
    """
    if tries >= len(waits):
        return None
    return max(waits[tries] * (1 + MOST_JITTER * chance), min(retry_after, LONGEST_RETRY_AFTER_SECONDS))


def read_retry_after(value: str, now: datetime) -> float:
    """Seconds of a Retry-After header, a number or a date (RFC 9110, section 10.2.3); 0 if it is neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
