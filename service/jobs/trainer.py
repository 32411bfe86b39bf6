"""One training from its claim to its end: load the data, fit, register the version. Runs in a worker process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, fields
from typing import Any, cast

import structlog
import threadpoolctl

from models.errors import Interrupted, ModelError
from models.fitting import Fitted, fit, prepare
from models.formats import safetensors
from models.specification import Recipe
from service.datasets.loading import load_table
from service.jobs.environment import differences, environment_facts
from service.jobs.failpoints import passing
from service.jobs.lease import Lease
from service.jobs.patience import patiently
from service.jobs.promotion import promote
from service.jobs.reporting import JobMonitor
from service.problems import DiskFull, InternalError, Problem, TrainingFailed, Unavailable, input_error
from service.registry import job_progress, jobs, versions
from service.registry.database import Database
from service.registry.jobs import Claim, ClaimLost
from service.registry.tables import JobRow
from service.registry.versions import NewVersion
from service.settings import Settings

logger = structlog.get_logger()
RECIPE_FIELDS = tuple(field.name for field in fields(Recipe))


@dataclass(frozen=True)
class Trainer:
    """Runs jobs one after the other. `handing_back` is set when the process shall stop and keep nothing."""

    database: Database
    settings: Settings
    worker: str
    handing_back: threading.Event

    def run(self, job: str) -> bool:
        """Claim a job and bring it to its end; returns whether the claim was won."""
        passing("before-claim")
        with self.database.write() as session:
            row = jobs.claim(session, job, self.worker, self.settings.lease_seconds)
        if row is None:
            return False
        passing("after-claim")
        claim = Claim(row.id, row.attempt)
        try:
            with Lease(self.database, claim, self.settings.lease_seconds) as lease:
                self._run_claimed(row, claim, lease)
        except ClaimLost:
            logger.warning("another attempt holds the job", job=job, attempt=claim.attempt)
        return True

    def _run_claimed(self, row: JobRow, claim: Claim, lease: Lease) -> None:
        if row.interruption == "cancel":
            self._end(claim, "cancelled")
            return
        monitor = JobMonitor(self.database, claim, self.handing_back, lease.lost)
        try:
            self._train(row, claim, monitor)
        except (DiskFull, Unavailable):
            raise  # nothing can be written now: the lease runs out, and the job goes on from its checkpoint
        except Interrupted as interrupted:
            self._interrupted(claim, interrupted.reason, monitor)
        except Exception as error:
            self._failed(row, claim, error, monitor)

    def _train(self, row: JobRow, claim: Claim, monitor: JobMonitor) -> None:
        recipe = recipe_of(row.request)
        facts, warnings = self._note_environment(row, claim, recipe.training.threads or 1)
        with threadpoolctl.threadpool_limits(recipe.training.threads or 1):
            started = time.monotonic()
            table = load_table(self.database, self.settings, row.request["data"]["dataset"], recipe.columns)
            prepared = prepare(table, recipe)
            fitted = fit(prepared, monitor=monitor, state=self._find_state(claim))
        self._register(row, claim, fitted, monitor, facts, warnings, time.monotonic() - started)

    def _note_environment(self, row: JobRow, claim: Claim, threads: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        facts, warnings = environment_facts(threads), list(row.warnings)
        changed = differences(row.environment or facts, facts)
        if changed and not any(warning["code"] == "bits-not-guaranteed" for warning in warnings):
            message = f"{', '.join(changed)} changed between two attempts: the weights may differ in their last bits"
            warnings.append({"code": "bits-not-guaranteed", "message": message})
        with self.database.write() as session:
            job_progress.write_environment(session, claim, row.environment or facts, warnings)
        return row.environment or facts, warnings

    def _find_state(self, claim: Claim) -> bytes | None:
        with self.database.write() as session:
            checkpoint = job_progress.find_checkpoint(session, claim.job)
            job_progress.truncate_curve(session, claim.job, checkpoint[0] if checkpoint else 0)
        return checkpoint[1] if checkpoint else None

    def _register(
        self,
        row: JobRow,
        claim: Claim,
        fitted: Fitted,
        monitor: JobMonitor,
        facts: dict[str, Any],
        warnings: list[dict[str, Any]],
        seconds: float,
    ) -> None:
        warnings = warnings + [warning for warning in fitted.warnings if warning not in warnings]
        new = NewVersion(
            task=fitted.trained.task,
            signature=cast(dict[str, Any], fitted.trained.signature.to_json()),
            metrics=dict(fitted.metrics),
            weights=safetensors.dumps(fitted.trained),
            environment=facts,
            request=row.request,
            dataset=row.dataset,
            seed=row.request.get("training", {}).get("seed"),
            job=row.id,
            warnings=warnings,
            duration_seconds=seconds,
            tags=row.request.get("tags") or {},
            description=row.request.get("description") or "",
        )
        passing("before-registration")
        patiently(lambda: self._end_with_version(row, claim, new, monitor, fitted.stopped))

    def _end_with_version(
        self, row: JobRow, claim: Claim, new: NewVersion, monitor: JobMonitor, stopped: str | None
    ) -> None:
        """Version, alias and the job's end: one transaction."""
        with self.database.write() as session:
            jobs.guarded(session, claim)
            monitor.flush(session)
            number = versions.add(session, row.model, new, row.created_by)
            promotion = promote(session, row.model, number, row.request, row.created_by)
            result = {"stopped": stopped, "promotion": promotion}
            progress = monitor.progress or row.progress
            jobs.end(
                session, claim, "succeeded", version=number, result=result, warnings=new.warnings, progress=progress
            )
            passing("before-commit")
        passing("after-commit")

    def _interrupted(self, claim: Claim, reason: str, monitor: JobMonitor) -> None:
        with self.database.write() as session:
            jobs.guarded(session, claim)
            monitor.flush(session)
            if reason == "hand back":
                jobs.give_back(session, claim)
            else:
                jobs.end(session, claim, "cancelled", progress=monitor.progress)

    def _failed(self, row: JobRow, claim: Claim, error: Exception, monitor: JobMonitor) -> None:
        problem = problem_of(error)
        if isinstance(problem, InternalError):
            logger.exception("the training failed unexpectedly", job=row.id)
        with self.database.write() as session:
            jobs.guarded(session, claim)
            monitor.flush(session)
            jobs.end(session, claim, "failed", error=problem.document(), progress=monitor.progress)

    def _end(self, claim: Claim, state: str) -> None:
        with self.database.write() as session:
            jobs.end(session, claim, state)


def recipe_of(request: dict[str, Any]) -> Recipe:
    """The library's part of a stored request."""
    return Recipe.from_json({name: value for name, value in request.items() if name in RECIPE_FIELDS})


def problem_of(error: Exception) -> Problem:
    """What a job's `error` says of an exception. Raises ClaimLost as it is: such a job is not ours to fail."""
    if isinstance(error, ClaimLost):
        raise error
    if isinstance(error, Problem):
        return error
    if isinstance(error, ModelError):
        location = ["body", *error.location] if error.location else []
        return TrainingFailed(str(error), errors=[input_error(location, "training", str(error))] if location else ())
    if isinstance(error, MemoryError):
        return TrainingFailed("The training needs more memory than a worker has. Try a smaller network or batch size.")
    return InternalError("The training stopped on a fault of this software; the server's log says more.")
