"""What operators see: one log line a request, and figures for Prometheus. No HTTP framework here."""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog


def configure_logging(level: str) -> None:
    """Lines for people on a terminal, JSON for machines elsewhere; always on standard error."""
    shared: list[Any] = [structlog.processors.TimeStamper("iso", utc=True), structlog.processors.add_log_level]
    if sys.stderr.isatty():
        renderers: list[Any] = [structlog.dev.ConsoleRenderer()]
    else:
        renderers = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_dumps)]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _dumps(value: Any, default: Any = str) -> str:
    return orjson.dumps(value, default=default).decode()
