"""Profiles of datasets, made in the child process while a request waits for them a little, and no longer."""

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
from service.settings import Settings

PATIENCE_SECONDS = 5.0
PROFILE_SECONDS = 900.0
PREVIEW_SECONDS = 60.0
LARGE_BYTES = 16 * 1024 * 1024

logger = structlog.get_logger()


@dataclass(frozen=True)
class Profiler:
    """One per API process. A profile that was lost with its process is begun again when somebody asks for it."""

    settings: Settings
    database: Database
    sandbox: SandboxPool
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    large_one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def profile(self, dataset: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Have the profile made where it is missing; returns when it is there, or after a few seconds."""
        found = await to_thread.run_sync(self._read, dataset)
        if found.state == "ready":
            return
        task = self.running.get(dataset)
        if task is None:
            task = self.running[dataset] = asyncio.create_task(self._make_in_turn(found))
            task.add_done_callback(lambda _: self.running.pop(dataset, None))
        await asyncio.wait([task], timeout=patience_seconds)

    def _read(self, dataset: str) -> Dataset:
        with self.database.read() as session:
            return datasets.get_dataset(session, dataset)[0]

    async def _make_in_turn(self, dataset: Dataset) -> None:
        """Large files are profiled one after the other, so that small ones need not wait for them."""
        async with self.large_one if dataset.bytes > LARGE_BYTES else nullcontext():
            await self._make(dataset.id)

    async def _make(self, dataset: str) -> None:
        async def tell(share: float) -> None:
            with suppress(Problem):  # a busy database is no reason to end a profile
                await to_thread.run_sync(self._tell, dataset, share)

        try:
            found = await self._ask({"ask": "profile"}, dataset, PROFILE_SECONDS, tell)
            await to_thread.run_sync(self._finish, dataset, found)
        except Problem as problem:
            if problem.status < 500:
                await to_thread.run_sync(self._fail, dataset, problem)
            else:
                logger.warning("a dataset could not be profiled", dataset=dataset, why=problem.detail)

    async def preview(self, dataset: Dataset, offset: int, limit: int) -> DatasetRows:
        """Some rows of a dataset."""
        types = {column.name: column.type for column in dataset.columns or []}
        question = {"ask": "preview", "types": types, "offset": offset, "limit": limit}
        found = await self._ask(question, dataset.id, PREVIEW_SECONDS)
        return DatasetRows(columns=found["columns"], rows=found["rows"], offset=offset, total=dataset.rows)

    async def _ask(
        self, question: dict[str, Any], dataset: str, timeout_seconds: float, progress: Listener | None = None
    ) -> dict[str, Any]:
        opened = store.opened_unchecked(self.database, self.settings, dataset)
        stored = await to_thread.run_sync(opened.__enter__)
        try:
            file = {"path": str(stored.path), "format": stored.format}
            return await self.sandbox.call({**question, "file": file}, timeout_seconds, progress)
        finally:
            await to_thread.run_sync(opened.__exit__, None, None, None)

    def _tell(self, dataset: str, share: float) -> None:
        with self.database.write() as session:
            datasets.set_progress(session, dataset, share)

    def _finish(self, dataset: str, found: dict[str, Any]) -> None:
        with self.database.write() as session:
            datasets.finish_profile(session, dataset, found["rows"], found["columns"], found["warnings"])

    def _fail(self, dataset: str, problem: Problem) -> None:
        with self.database.write() as session:
            datasets.fail_profile(session, dataset, problem.document())

    def problem_of(self, dataset: Dataset) -> Problem:
        """The problem that kept a dataset from being profiled."""
        told = dataset.error or {}
        kinds = {f"/problems/{kind.slug}": kind for kind in every_problem()}
        kind = kinds.get(told.get("type", ""), Problem)
        return kind(told.get("detail", ""), errors=told.get("errors", []), error_count=told.get("error_count"))
