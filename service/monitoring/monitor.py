"""Looks at live predictions from time to time, as long as the application runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from service.datasets.examiner import Examiner
from service.monitoring import alerts as checks
from service.monitoring.references import References
from service.registry import alerts
from service.registry.database import Database
from service.settings import Settings

logger = structlog.get_logger()
LOOKS_A_CHECK = 5
SECONDS_TO_READ = 900.0


class Monitor:
    """One for each API process; of several, one checks each model, whichever finds first that it is time."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.references = References(database, settings, self._ask)
        self._examiner = Examiner(settings)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._database = database
        self._seconds = settings.seconds_between_alert_checks
        self._closed = threading.Event()

    @asynccontextmanager
    async def running(self, _app: object) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._look_on, name="monitor", daemon=True).start()
        try:
            yield
        finally:
            self._closed.set()
            await self._examiner.close()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """By any thread but the event loop's. Raises what `Examiner.ask` does."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._examiner.ask(question, SECONDS_TO_READ), self._loop).result()

    def _look_on(self) -> None:
        while not self._closed.wait(self._seconds / LOOKS_A_CHECK):
            try:
                self.check_due()
            except Exception as error:  # whatever it is, the next look may fare better
                logger.warning("alerts could not be checked", why=str(error)[:200])

    def check_due(self) -> None:
        """Check the alerts of each model whose time has come."""
        now = datetime.now(UTC)
        before = now - timedelta(seconds=self._seconds)
        with self._database.read() as session:
            due = alerts.list_due(session, before)
        for model in due:
            with self._database.write() as session:
                is_ours = alerts.claim(session, model, before, now)
            if is_ours and not self._closed.is_set():
                checks.check(self._database, self.references, model)
