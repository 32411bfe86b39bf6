"""Profiles of datasets, computed in a sandboxed process while a request waits for a few seconds."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from anyio import to_thread

from service.datasets.sandbox.pool import Listener, SandboxPool
from service.datasets.storage import store
from service.problems import Problem, every_problem
from service.registry import datasets
from service.registry.database import Database
from service.schemas.dataset import Dataset, DatasetRows
from service.settings import MEBIBYTE, Settings

PATIENCE_SECONDS = 5.0
PROFILE_SECONDS = 900.0
PREVIEW_SECONDS = 60.0
LARGE_BYTES = 16 * MEBIBYTE

logger = structlog.get_logger()


@dataclass(frozen=True)
class Profiler:
    """One per API process. A profile lost with its process is begun again at the next request for it."""

    settings: Settings
    database: Database
    sandbox: SandboxPool
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    large_file_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def profile(
        self, dataset: str, patience_seconds: float = PATIENCE_SECONDS, has_header: bool | None = None
    ) -> None:
        """Compute the profile if it is missing; returns when it is ready, or after a few seconds.

        `has_header` says whether the first line of a CSV file names its columns, where that is in doubt.
        """
        record = await to_thread.run_sync(self._read, dataset)
        if record.state == "ready":
            return
        task = self.running.get(dataset)
        if task is None:
            task = self.running[dataset] = asyncio.create_task(self._compute_in_turn(record, has_header))
            task.add_done_callback(lambda _: self.running.pop(dataset, None))
        await asyncio.wait([task], timeout=patience_seconds)

    def _read(self, dataset: str) -> Dataset:
        with self.database.read() as session:
            return datasets.get_dataset(session, dataset)[0]

    async def _compute_in_turn(self, dataset: Dataset, has_header: bool | None) -> None:
        """Large files are profiled one after the other, so that small ones need not wait for them."""
        async with self.large_file_lock if dataset.bytes > LARGE_BYTES else nullcontext():
            await self._compute(dataset.id, has_header)

    async def _compute(self, dataset: str, has_header: bool | None) -> None:
        async def report(share: float) -> None:
            with suppress(Problem):  # a busy database must not end a profile
                await to_thread.run_sync(self._report, dataset, share)

        try:
            profile = await self._call({"ask": "profile", "has_header": has_header}, dataset, PROFILE_SECONDS, report)
            await to_thread.run_sync(self._finish, dataset, profile)
        except Problem as problem:
            if problem.status < 500:
                await to_thread.run_sync(self._fail, dataset, problem)
            else:
                logger.warning("a dataset could not be profiled", dataset=dataset, why=problem.detail)

    async def preview(self, dataset: Dataset, offset: int, limit: int) -> DatasetRows:
        """Some rows of a dataset."""
        types = {column.name: column.type for column in dataset.columns or []}
        request = {"ask": "preview", "types": types, "offset": offset, "limit": limit}
        preview = await self._call(request, dataset.id, PREVIEW_SECONDS)
        return DatasetRows(columns=preview["columns"], rows=preview["rows"], offset=offset, total=dataset.rows)

    async def _call(
        self, request: dict[str, Any], dataset: str, timeout_seconds: float, progress: Listener | None = None
    ) -> dict[str, Any]:
        dataset_file = store.open_unchecked(self.database, self.settings, dataset)
        stored = await to_thread.run_sync(dataset_file.__enter__)
        try:
            file = {"path": str(stored.path), "format": stored.format}
            return await self.sandbox.call({**request, "file": file}, timeout_seconds, progress)
        finally:
            await to_thread.run_sync(dataset_file.__exit__, None, None, None)

    def _report(self, dataset: str, share: float) -> None:
        with self.database.write() as session:
            datasets.set_progress(session, dataset, share)

    def _finish(self, dataset: str, profile: dict[str, Any]) -> None:
        with self.database.write() as session:
            datasets.finish_profile(session, dataset, profile["rows"], profile["columns"], profile["warnings"])

    def _fail(self, dataset: str, problem: Problem) -> None:
        with self.database.write() as session:
            datasets.fail_profile(session, dataset, problem.document())

    def problem_of(self, dataset: Dataset) -> Problem:
        """The problem that kept a dataset from being profiled."""
        document = dataset.error or {}
        kinds = {f"/problems/{kind.slug}": kind for kind in every_problem()}
        kind = kinds.get(document.get("type", ""), Problem)
        return kind(
            document.get("detail", ""), errors=document.get("errors", []), error_count=document.get("error_count")
        )
