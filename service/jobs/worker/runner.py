"""Runs one job of any kind from its claim to its end, in a worker process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from models.errors import Interrupted, ModelError
from service.datasets.storage.store import CorruptDataset
from service.datasets.storage.uploads import disk_as_problem
from service.jobs.attempt.attempt import JobAttempt
from service.jobs.attempt.failpoints import failpoint
from service.jobs.attempt.progress import JobProgress
from service.jobs.kinds.batch_predict import predict_dataset
from service.jobs.kinds.compare import compare_versions
from service.jobs.kinds.evaluate import evaluate_version
from service.jobs.kinds.reproduce import reproduce
from service.jobs.kinds.train import train
from service.jobs.worker.lease import Lease
from service.problems import CorruptVersion, DiskFull, InternalError, Problem, TrainingFailed, Unavailable, input_error
from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs.jobs import Claim, ClaimLost
from service.registry.origin import Origin, origin_scope
from service.registry.tables import JobRow
from service.settings import Settings

logger = structlog.get_logger()
KINDS: Mapping[str, Callable[[JobAttempt], None]] = {
    "train": train,
    "search": train,
    "reproduce": reproduce,
    "evaluate": evaluate_version,
    "batch": predict_dataset,
    "compare": compare_versions,
}


@dataclass(frozen=True)
class JobRunner:
    """Runs jobs one after the other. `handing_back` is set when the process must hand back its job and end."""

    database: Database
    settings: Settings
    worker: str
    handing_back: threading.Event

    def run(self, job: str) -> bool:
        """Claim a job and run it to its end; returns whether the claim succeeded.

        Raises DiskFull and Unavailable when nothing can be written for long: another worker then continues the job.
        """
        failpoint("before-claim")
        with self.database.write() as session:
            lease_seconds, most_per_model = self.settings.lease_seconds, self.settings.max_running_per_model
            row = jobs.claim(session, job, self.worker, lease_seconds, most_per_model)
        if row is None:
            return False
        failpoint("after-claim")
        claim = Claim(row.id, row.attempt)
        try:
            with Lease(self.database, claim, lease_seconds) as lease, origin_scope(Origin(job=row.id)):
                self._run_claimed(row, claim, lease)
        except ClaimLost:
            logger.warning("another attempt holds the job", job=job, attempt=claim.attempt)
        return True

    def _run_claimed(self, row: JobRow, claim: Claim, lease: Lease) -> None:
        between_reports = self.settings.seconds_between_reports
        progress = JobProgress(self.database, claim, self.handing_back, lease.lost, between_reports)
        attempt = JobAttempt(self.database, self.settings, row, claim, progress)
        if row.interruption == "cancel":
            attempt.end("cancelled")
            return
        try:
            with disk_as_problem():
                KINDS[row.kind](attempt)
        except (CorruptDataset, CorruptVersion) as corruption:  # no later attempt would succeed
            _fail(attempt, corruption)
        except (ClaimLost, DiskFull, Unavailable):
            raise
        except Interrupted as interruption:
            _interrupt(attempt, interruption.reason)
        except Exception as error:
            _fail(attempt, error)


def _interrupt(attempt: JobAttempt, reason: str) -> None:
    if reason != "hand back":
        attempt.end("cancelled")
        return
    with attempt.database.write() as session:
        jobs.update_claimed(session, attempt.claim)
        attempt.progress.flush(session)
        jobs.requeue(session, attempt.claim)


def _fail(attempt: JobAttempt, error: Exception) -> None:
    problem = problem_of(error)
    if isinstance(problem, InternalError):
        logger.exception("the job failed unexpectedly", job=attempt.row.id)
    attempt.end("failed", error=problem.document())


def problem_of(error: Exception) -> Problem:
    """The problem that describes an exception in a job's `error`."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ModelError):
        location = ["body", *error.location] if error.location else []
        return TrainingFailed(str(error), errors=[input_error(location, "training", str(error))] if location else ())
    if isinstance(error, MemoryError):
        return TrainingFailed("The training needs more memory than a worker has. Try a smaller network or batch size.")
    return InternalError("The training stopped because of an internal error; see the server's log.")
