"""Extends the lease of a running job, from a thread beside it."""

from __future__ import annotations

import threading

from service.problems import Problem
from service.registry.database import Database
from service.registry.jobs import progress
from service.registry.jobs.jobs import Claim, ClaimLost


class Lease:
    """Extends the lease four times per its length while the block runs; sets `lost` when the claim no longer holds."""

    def __init__(self, database: Database, claim: Claim, seconds: float) -> None:
        self._database, self._claim, self._seconds = database, claim, seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._extend, name="lease", daemon=True)
        self.lost = threading.Event()

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _extend(self) -> None:
        while not self._ended.wait(self._seconds / 4):
            try:
                with self._database.write() as session:
                    progress.heartbeat(session, self._claim, self._seconds)
            except ClaimLost:
                self.lost.set()
                return
            except Problem:
                continue  # the database is away: the training goes on, and its writes check the claim anyway
