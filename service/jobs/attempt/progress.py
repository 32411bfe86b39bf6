"""The progress of a training while it runs, and its interruption: the library's callback, on the database."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import structlog

from models.training.callbacks import EpochRecord, Interruption, Progress, TrainingCallback
from service.jobs.attempt.cpu_yield import CpuYield
from service.jobs.attempt.failpoints import failpoint
from service.problems import DiskFull, Unavailable
from service.registry import Session
from service.registry.database import Database
from service.registry.jobs import progress as job_progress
from service.registry.jobs.jobs import Claim, ClaimLost

logger = structlog.get_logger()
SECONDS_BETWEEN_CHECKS = 0.2
LARGEST_CHECKPOINT_BYTES = 512 * 1024 * 1024  # both databases end at 1 GB a value


class JobProgress(TrainingCallback):
    """Writes progress now and then, yields the CPU, and checks five times a second for an interruption."""

    def __init__(
        self,
        database: Database,
        claim: Claim,
        handing_back: threading.Event,
        lost: threading.Event,
        seconds_between_reports: float,
    ) -> None:
        self._database, self._claim = database, claim
        self._handing_back, self._lost = handing_back, lost
        self._seconds_between_reports = seconds_between_reports
        self._points: list[dict[str, Any]] = []
        self._progress: dict[str, Any] | None = None
        self._next_report = self._next_check = 0.0
        self._yield_cpu = CpuYield()

    def on_epoch_end(self, record: EpochRecord, progress: Progress) -> None:
        self._points.append(finite(asdict(record)))
        self._progress = finite(asdict(progress))
        if time.monotonic() >= self._next_report:
            self._next_report = time.monotonic() + self._seconds_between_reports
            self._report(self._progress)

    def interruption(self) -> Interruption | None:
        self._yield_cpu()
        if self._lost.is_set():
            raise ClaimLost(self._claim.job)
        if self._handing_back.is_set():
            return "hand back"
        if time.monotonic() < self._next_check:
            return None
        self._next_check = time.monotonic() + SECONDS_BETWEEN_CHECKS
        return self._find_interruption()

    def checkpoint(self, state: bytes) -> None:
        if len(state) > LARGEST_CHECKPOINT_BYTES:
            logger.warning(
                "no checkpoint was written: the training is too large for one", job=self._claim.job, bytes=len(state)
            )
            return
        epoch = self._progress["epoch"] if self._progress else 0
        failpoint("before-checkpoint")
        self._write(lambda session, points: job_progress.write_checkpoint(session, self._claim, epoch, state, points))
        failpoint("after-checkpoint")

    def flush(self, session: Session) -> None:
        """Write the rest of the curve, in the transaction that ends the job."""
        job_progress.add_points(session, self._claim.job, self._points)

    @property
    def latest(self) -> dict[str, Any] | None:
        """The progress after the last epoch; None before the first."""
        return self._progress

    def _report(self, progress: dict[str, Any]) -> None:
        self._write(lambda session, points: job_progress.write_progress(session, self._claim, progress, points))

    def _write(self, write: Callable[[Session, list[dict[str, Any]]], None]) -> None:
        # A database that is away or full for a moment must not end the training: the points are kept.
        try:
            with self._database.write() as session:
                write(session, self._points)
        except (DiskFull, Unavailable) as problem:
            logger.warning("progress not written", job=self._claim.job, why=problem.detail)
        else:
            self._points = []

    def _find_interruption(self) -> Interruption | None:
        try:
            with self._database.read() as session:
                interruption = job_progress.find_interruption(session, self._claim)
        except Unavailable:
            return None
        if interruption == "lost":
            raise ClaimLost(self._claim.job)
        return interruption  # type: ignore[return-value]  # the column holds only these words


def finite(record: dict[str, Any]) -> dict[str, Any]:
    """The record with null for numbers that JSON cannot express."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in record.items()
    }
