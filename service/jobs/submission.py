"""From a request to a queued job: its references are resolved, its data examined, then both are stored at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from anyio import to_thread

from models.specification import Recipe, WarmStart
from service.datasets.formats.blocks import TableFile
from service.datasets.formats.errors import NAMED_DATASET
from service.datasets.formats.limits import Limits
from service.datasets.sandbox.inline_data import NewData, ReceivedTraining
from service.datasets.sandbox.pool import SandboxPool
from service.datasets.sandbox.training_check import TrainingCheck, TrainingPlan, examine_columns
from service.datasets.storage import store
from service.datasets.storage.uploads import StagedFile, write_staged
from service.jobs import queue
from service.registry import Session, datasets
from service.registry.database import Database
from service.registry.idempotency import Idempotency, hold_key
from service.registry.jobs.jobs import NewJob
from service.registry.models import versions
from service.schemas.job import Job
from service.schemas.training import TrainSpecification
from service.settings import MEBIBYTE, Settings

WHOLE_BELOW_BYTES = 64 * MEBIBYTE
EXAMINATION_SECONDS = 60.0


@dataclass(frozen=True)
class JobSubmission:
    """Checks and queues a training, with the parts of the service that this needs."""

    settings: Settings
    database: Database
    sandbox: SandboxPool

    def resolve(self, specification: TrainSpecification, data: NewData | str) -> tuple[Recipe, str]:
        """The recipe with its references fixed, and the id of the data.

        Raises NotFound and Gone for a dataset or a version that does not exist.
        """
        recipe = specification.recipe()
        with self.database.read() as session:
            dataset = datasets.get_row(session, data).id if isinstance(data, str) else data.id
            recipe = _with_fixed_references(session, recipe)
        return recipe, dataset

    async def examine(self, received: ReceivedTraining, recipe: Recipe, dataset: str) -> TrainingPlan:
        """The plan of the training. Raises the problem of data or choices that can't be trained."""
        data = received.data
        place = NAMED_DATASET if isinstance(data, str) else data.place
        check = TrainingCheck(
            recipe, place, tuple(received.root), Limits.of(self.settings), self.settings.max_parameters
        )
        needs_more = recipe.validation.dataset is not None or recipe.training.warm_start is not None
        if isinstance(data, NewData) and data.columns is not None and not needs_more:
            return await to_thread.run_sync(examine_columns, data.columns, check)
        async with AsyncExitStack() as files:
            table, size = await files.enter_async_context(self._file(data, dataset))
            if recipe.validation.dataset is not None:
                validation, more = await files.enter_async_context(self._file(recipe.validation.dataset, ""))
                check, size = replace(check, validation=validation), size + more
            if recipe.training.warm_start is not None:
                start = await files.enter_async_context(self._weights_file(recipe.training.warm_start))
                check = replace(check, start=start)
            return await self._check(check, table, whole=size <= WHOLE_BELOW_BYTES)

    @asynccontextmanager
    async def _weights_file(self, start: WarmStart) -> AsyncIterator[Path]:
        """The weights of the warm start as a file, for the time of an examination."""
        staged = await to_thread.run_sync(self._write_weights, start)
        try:
            yield staged.path
        finally:
            await to_thread.run_sync(staged.discard)

    def _write_weights(self, start: WarmStart) -> StagedFile:
        with self.database.read() as session:
            return write_staged(self.settings, versions.get_weights(session, start.model, start.version)[1])

    @asynccontextmanager
    async def _file(self, data: NewData | str, dataset: str) -> AsyncIterator[tuple[TableFile, int]]:
        """The data as a file, for the time of an examination."""
        if isinstance(data, NewData):
            staged = data.staged
            if staged is None:
                staged = await to_thread.run_sync(write_staged, self.settings, data.content)
            try:
                yield TableFile(staged.path, data.format), staged.bytes
            finally:
                if data.staged is None:
                    await to_thread.run_sync(staged.discard)
            return
        dataset_file = store.open_unchecked(self.database, self.settings, dataset or data)  # the worker checks it
        stored = await to_thread.run_sync(dataset_file.__enter__)
        try:
            yield TableFile(stored.path, stored.format), stored.bytes
        finally:
            await to_thread.run_sync(dataset_file.__exit__, None, None, None)

    async def _check(self, check: TrainingCheck, file: TableFile, *, whole: bool) -> TrainingPlan:
        request: dict[str, Any] = {
            "ask": "examine",
            "file": _file_json(file),
            "validation": None if check.validation is None else _file_json(check.validation),
            "start": None if check.start is None else str(check.start),
            "recipe": check.recipe.to_json(),
            "place": asdict(check.place),
            "specification": check.specification,
            "whole": whole,
        }
        return TrainingPlan(**await self.sandbox.call(request, EXAMINATION_SECONDS))

    def find_replay(self, idempotency: Idempotency) -> Job | None:
        """The job that this request created earlier. Raises InvalidInput if the key belongs to another request."""
        with self.database.read() as session:
            return queue.find_replay(session, idempotency)

    def enqueue(self, new: NewJob, data: NewData | str, idempotency: Idempotency | None) -> tuple[Job, bool]:
        """Store new data and queue the job, both or neither; returns it and whether it is a replay."""
        if isinstance(data, NewData) and data.staged is not None:
            store.stage(self.database, self.settings, data.staged)
        with self.database.write() as session:
            if idempotency is not None:
                hold_key(session, idempotency.key)
            if isinstance(data, NewData):
                self._commit(session, data)
            datasets.hold(session, str(new.dataset))
            most_queued = self.settings.max_queued_jobs
            return queue.enqueue(session, new, most_queued=most_queued, idempotency=idempotency)

    def _commit(self, session: Session, data: NewData) -> None:
        if data.staged is not None:
            store.commit(session, self.settings, data.staged, data.format)
        else:
            store.commit_content(session, self.settings, data.id, data.content, data.format)


def _file_json(file: TableFile) -> dict[str, str]:
    return {"path": str(file.path), "format": file.format}


def _with_fixed_references(session: Session, recipe: Recipe) -> Recipe:
    """The recipe with movable names resolved: a dataset to its digest, a version to its number."""
    if recipe.validation.dataset is not None:
        dataset = datasets.get_row(session, recipe.validation.dataset).id
        recipe = replace(recipe, validation=replace(recipe.validation, dataset=dataset))
    start = recipe.training.warm_start
    if start is not None:
        version, _ = versions.get_version(session, start.model, start.version)
        warm_start = replace(start, version=version.version)
        recipe = replace(recipe, training=replace(recipe.training, warm_start=warm_start))
    return recipe


def new_job(specification: TrainSpecification, plan: TrainingPlan, dataset: str, created_by: str) -> NewJob:
    """A job whose request is complete."""
    return NewJob(
        kind="train" if specification.search is None else "search",
        model=specification.model,
        request=full_request(specification, plan, dataset),
        dataset=dataset,
        warnings=plan.warnings,
        priority=specification.priority,
        not_before=specification.not_before,
        created_by=created_by,
    )


def full_request(specification: TrainSpecification, plan: TrainingPlan, dataset: str) -> dict[str, Any]:
    """The whole specification with its defaults filled in, and the data by its digest."""
    registry_part = specification.registry_part()
    model = registry_part.pop("model")
    return {"model": model, "data": {"dataset": dataset}, **plan.recipe, **registry_part}
