"""What operators see in the log: JSON lines for machines, plain lines on a terminal; always on standard error."""

from __future__ import annotations

import asyncio
import atexit
import logging
import sys
from typing import Any, TextIO

import orjson
import structlog

FLUSH_SECONDS = 0.05
# Some 30 kB: pieces of more than 128 kB take fresh pages from the system each time, which costs more than the lines.
LONGEST_BACKLOG = 100


def configure_logging(level: str) -> None:
    """Have structlog write our form, and the lines of libraries through it."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Any] = [structlog.processors.TimeStamper("iso", utc=True), structlog.processors.add_log_level]
    if sys.stderr.isatty():
        renderers: list[Any] = [structlog.dev.ConsoleRenderer()]
    else:
        renderers = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_dumps)]
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[_ThroughStructlog()], force=True)


class _ThroughStructlog(logging.Handler):
    """Libraries log by the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger().bind(logger=record.name)
        log.log(record.levelno, record.getMessage(), exc_info=record.exc_info)


def _dumps(value: Any, default: Any = str) -> str:
    return orjson.dumps(value, default=default).decode()


class RequestLog:
    """One line a request. A prediction takes some tens of microseconds, so its line must cost two, not twenty.

    Lines for machines are written some at a time, at most FLUSH_SECONDS late. Used by the event loop's thread alone.
    """

    def __init__(self, level: str, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self.is_on = logging.getLevelNamesMapping().get(level.upper(), logging.INFO) <= logging.INFO
        self._console = structlog.get_logger() if self._stream.isatty() else None
        self._lines: list[bytes] = []
        atexit.register(self.flush)

    def write(self, line: dict[str, Any]) -> None:
        """The line as structlog would write it: with `event`, `level` and `timestamp`."""
        if self._console is not None:
            self._console.info(**{name: value for name, value in line.items() if name not in {"level", "timestamp"}})
            return
        lines = self._lines
        if not lines:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        lines.append(orjson.dumps(line, option=orjson.OPT_UTC_Z))
        if len(lines) >= LONGEST_BACKLOG:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            lines.append(b"")
            self._stream.write(b"\n".join(lines).decode())
            self._stream.flush()
