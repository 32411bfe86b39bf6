"""Checks live predictions from time to time, as long as the application runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from service.datasets.sandbox.pool import SandboxPool
from service.monitoring import alerts as checks
from service.monitoring.drift import MOST_ROWS, drift_report
from service.monitoring.references import References
from service.registry.database import Database
from service.registry.models import models, versions
from service.registry.monitoring import alerts, logged_predictions, prediction_log
from service.registry.monitoring.logged_predictions import LogWindow
from service.schemas.monitoring import DriftReport
from service.settings import Settings

logger = structlog.get_logger()
POLLS_A_CHECK = 5
SECONDS_TO_READ = 900.0
DEFAULT_WINDOW = timedelta(days=7)


class Monitor:
    """One for each API process. A check that is due is made by one process, the first to claim it."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.references = References(database, settings, self._read_rows)
        self._sandbox = SandboxPool(settings)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._database = database
        self._seconds = settings.seconds_between_alert_checks
        self._closed = threading.Event()

    @asynccontextmanager
    async def running(self, _app: object) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, name="monitor", daemon=True).start()
        try:
            yield
        finally:
            self._closed.set()
            await self._sandbox.close()

    def drift(
        self, model: str, reference: str | None, since: datetime | None = None, until: datetime | None = None
    ) -> DriftReport:
        """The drift of a version's newest rows, by default of the last days.

        Raises NotFound, Gone, and Conflict where nothing is logged or the training data is not on this server.
        """
        until = until or datetime.now(UTC)
        since = since or until - DEFAULT_WINDOW
        with self._database.read() as session:
            owner = models.get_row(session, model)
            prediction_log.get_row(session, owner)
            version, _ = versions.get_version(session, model, reference)
            window = LogWindow(owner.id, since, until, version.version)
            live = logged_predictions.list_newest(session, window, MOST_ROWS)
        return drift_report(version, self.references.get(version), live)

    def _read_rows(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call the sandbox, from any thread but the event loop's. Raises what `SandboxPool.call` raises."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._sandbox.call(request, SECONDS_TO_READ), self._loop).result()

    def _run(self) -> None:
        while not self._closed.wait(self._seconds / POLLS_A_CHECK):
            try:
                self.check_due()
            except Exception as error:  # whatever it is, the next check may succeed
                logger.warning("alerts could not be checked", why=str(error)[:200])

    def check_due(self) -> None:
        """Check the alerts of each model whose check is due."""
        now = datetime.now(UTC)
        before = now - timedelta(seconds=self._seconds)
        with self._database.read() as session:
            due = alerts.list_due(session, before)
        for model in due:
            with self._database.write() as session:
                is_ours = alerts.claim(session, model, before, now)
            if is_ours and not self._closed.is_set():
                checks.check(self._database, self.references, model)
