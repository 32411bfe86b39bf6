"""The way of a prediction: which version, checked rows, one forward pass, the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeGuard, TypeVar

from service.problems import Unavailable
from service.registry.database import Database
from service.registry.serving import Reference
from service.registry.watch import open_watch
from service.schemas.prediction import VersionPrediction
from service.serving.faults import fault
from service.serving.loaded import LoadedVersions
from service.serving.routes import Routes
from service.serving.traffic import choose_version
from service.serving.turn import Reply, Turn
from service.serving.version import ServedVersion
from service.settings import Settings

THREADS = 8
# More work than this is done in a thread, so that the event loop goes on answering others.
MOST_ROWS_IN_TURN = 64
Result = TypeVar("Result")


class Predictor:
    """One for each API process; belongs to its event loop."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="predict")
        self.watch = open_watch(database)
        self.loaded = LoadedVersions(
            database, self.threads, settings.max_loaded_bytes, lambda: self.turn.forget_ready()
        )
        self.most_rows_in_turn = min(MOST_ROWS_IN_TURN, settings.max_predict_rows)
        self.turn = Turn(self.watch, lambda: Routes(database, self.threads), self.loaded.use)

    def close(self) -> None:
        self.watch.close()
        self.threads.shutdown(wait=False)

    def predict_plain(self, model: str, reference: Reference, inputs: Any) -> asyncio.Future[Reply] | None:
        """The quick way: only predictions are wanted, of a few rows by a version that is in memory; else None."""
        version = self.turn.find_ready(model, reference)
        if version is None or type(inputs) is not list or len(inputs) > self.most_rows_in_turn:
            return None
        rows = version.reader.read_quickly(inputs)
        return None if rows is None else self.turn.predict(version, rows)

    async def predict(self, model: str, reference: Reference, asked: VersionPrediction) -> Reply:
        """Any prediction. Raises NotFound, Gone, CorruptVersion and InvalidInput."""
        version = await self.find_version(model, reference, asked.key)
        self._check_count(asked)
        if asked.is_plain and version.is_light and self._are_few(asked.inputs):
            rows = version.reader.read_quickly(asked.inputs) or version.reader.read(asked.inputs, ("body", "inputs"))
            return await self.turn.predict(version, rows)
        return await self.in_thread(partial(_reply, version, asked))

    async def find_version(self, model: str, reference: Reference, key: str | None = None) -> ServedVersion:
        """The version that shall serve a request that came just now. Raises NotFound, Gone and CorruptVersion."""
        routes = self.turn.routes()
        route = await routes.get(model, reference)
        version = await self.loaded.get((model, choose_version(route, key)))
        routes.keep_ready(route, reference, version)
        return version

    async def check_database(self) -> None:
        """Raises Unavailable when the database does not answer."""
        if not await self.in_thread(self.database.is_alive):
            raise Unavailable("The database does not answer.", headers={"Retry-After": "1"})

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    def _are_few(self, inputs: Any) -> TypeGuard[list[Any]]:
        return type(inputs) is list and len(inputs) <= self.most_rows_in_turn

    def _check_count(self, asked: VersionPrediction) -> None:
        count = len(asked.inputs) if asked.inputs is not None else len(next(iter((asked.columns or {}).values()), ()))
        place = "inputs" if asked.inputs is not None else "columns"
        if count == 0:
            raise fault(("body", place), "too_short", "there must be at least one row")
        if count > self.settings.max_predict_rows:
            limit = f"{self.settings.max_predict_rows:,} rows (FEEDFORWARD_MAX_PREDICT_ROWS)"
            raise fault(("body", place), "too_long", f"one request predicts at most {limit}; send CSV, NDJSON or Arrow")


def _reply(version: ServedVersion, asked: VersionPrediction) -> Reply:
    if asked.inputs is not None:
        root = ("body", "inputs")
        rows = version.reader.read_quickly(asked.inputs) or version.reader.read(asked.inputs, root)
        predicted = version.predict_rows(rows, root)
    else:
        root = ("body", "columns")
        columns = version.reader.read_columns(asked.columns or {}, root)
        predicted = version.predict_columns(columns, root)
    return version, version.write_answer(version.write(predicted.values), predicted.cautions)
