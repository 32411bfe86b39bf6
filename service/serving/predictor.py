"""The way of a prediction: which version, checked rows, one forward pass, the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, TypeVar

from service.media_types import JSON
from service.problems import Problem, Unavailable
from service.registry.change_watch import open_watch
from service.registry.database import Database
from service.registry.monitoring.prediction_log import LogRule
from service.registry.serving_routes import Reference, Route
from service.schemas.prediction import VersionPrediction
from service.serving.input_errors import fault
from service.serving.micro_batching import MicroBatcher, Reply
from service.serving.prediction_details import predictions_with_extras
from service.serving.prediction_log import PredictionLog, RequestSample, SampledVersion, chosen_rows
from service.serving.row_reader import Rows
from service.serving.served_version import ServedVersion
from service.serving.shadow import Shadows
from service.serving.streams.output_formats import OUTPUT_FORMATS
from service.serving.version_cache import VersionCache
from service.serving.version_resolution import VersionResolver, choose_version
from service.settings import Settings

THREADS = 8
# Who waits for the database keeps no thread from predicting.
LOOKUP_THREADS = 8
# Requests of more rows gain nothing from being computed together with others.
MOST_ROWS_TOGETHER = 64
ROWS, COLUMNS = ("body", "inputs"), ("body", "columns")
Result = TypeVar("Result")


class PlainRequest(NamedTuple):
    """A request that asks for nothing but predictions. Nothing of it is checked yet, but that its names are texts."""

    model: str
    reference: Reference
    inputs: Any = None
    columns: Any = None


class Predictor:
    """One for each API process; belongs to its event loop."""

    def __init__(self, settings: Settings, database: Database, most_in_threads: int = 32 * THREADS) -> None:
        self._in_threads, self._most_in_threads = 0, most_in_threads
        self.settings = settings
        self.database = database
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="predict")
        self._lookups = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="lookup")
        self.watch = open_watch(database)
        self.loaded = VersionCache(database, self._lookups, settings.max_loaded_bytes, lambda: self.turn.forget_ready())
        self.shadows = Shadows()
        self.log = PredictionLog(database)
        self._background: set[asyncio.Task[None]] = set()
        self.most_rows = settings.max_predict_rows
        self.turn = MicroBatcher(self.watch, partial(VersionResolver, database, self._lookups), self.loaded.use)

    def close(self) -> None:
        self.watch.close()
        self.threads.shutdown(wait=False)
        self._lookups.shutdown(wait=False)
        self.log.close()

    def predict_plain(self, plain: PlainRequest, request: str) -> Awaitable[Reply] | None:
        """The quick way: only predictions are wanted, of rows that take little time, by a version in memory; else None.

        `request` is the id that a log knows it by.

        Raises InvalidInput.
        """
        version = self.turn.find_loaded(plain.model, plain.reference)
        if version is None:
            return self._predict_logged(plain, request)
        if plain.inputs is None:
            return self._predict_columns(version, plain.columns)
        rows = self.read_rows(version, plain.inputs)
        if rows is None:
            return None
        if len(rows) <= MOST_ROWS_TOGETHER:
            return self.turn.predict(version, rows)
        return done((version, version.write_answer(version.predict_rows(rows, ROWS))))

    def read_rows(self, version: ServedVersion, inputs: Any) -> Rows | None:
        """Checked rows that take so little time that the event loop can do them itself; None for all others."""
        if type(inputs) is not list or len(inputs) > self.most_rows or not version.fits_in_turn(len(inputs)):
            return None
        return version.reader.find_rows(inputs)

    def _predict_logged(self, plain: PlainRequest, request: str) -> Awaitable[Reply] | None:
        """The quick way of a model with a log. A request that is logged is computed by itself, to note its rows."""
        found = self.turn.find_logged(plain.model, plain.reference)
        if found is None:
            return None
        version, rule = found
        if plain.inputs is None:
            return self._predict_columns(self._noted(version, rule, request), plain.columns)
        rows = self.read_rows(version, plain.inputs)
        if rows is None:
            return None
        if len(rows) <= MOST_ROWS_TOGETHER and not chosen_rows(request, 0, len(rows), rule.sample):
            return self.turn.predict(version, rows)
        noted = self._noted(version, rule, request)
        return done((noted, noted.write_answer(noted.predict_rows(rows, ROWS))))

    def _predict_columns(self, version: ServedVersion, columns: Any) -> Awaitable[Reply] | None:
        answer = self.answer_columns(version, columns)
        return None if answer is None else done((version, answer))

    def answer_columns(self, version: ServedVersion, columns: Any) -> bytes | None:
        """The same for columns, with their answer. Raises InvalidInput."""
        values = version.reader.find_columns(columns)
        n_rows = len(values[0]) if values else 0
        if not values or not 0 < n_rows <= self.most_rows or not version.fits_in_turn(n_rows):
            return None
        return version.write_answer(version.predict_columns(values, COLUMNS))

    async def predict(
        self, model: str, reference: Reference, asked: VersionPrediction, answered: str = JSON, request: str = ""
    ) -> Reply:
        """Any prediction, told in one of `FORMS`; `request` is the id that a log knows it by.

        Raises NotFound, Gone, CorruptVersion and InvalidInput.
        """
        route, version = await self._find(model, reference, asked.key)
        self._check_count(asked)
        if route.shadow is not None and self.shadows.begin(version, route.shadow):
            self._in_background(self._compare(version, route.shadow, asked))
        version = self._noting(route, version, request)
        if asked.is_plain and answered == JSON and asked.inputs and self._are_few(version, asked.inputs):
            rows = version.reader.find_rows(asked.inputs) or version.reader.read(asked.inputs, ROWS)
            if route.log is not None:
                return version, version.write_answer(version.predict_rows(rows, ROWS))
            return await self.turn.predict(version, rows)
        return await self.in_thread(partial(_reply, version, asked, answered))

    def _are_few(self, version: ServedVersion, inputs: list[Any]) -> bool:
        return len(inputs) <= MOST_ROWS_TOGETHER and version.fits_in_turn(len(inputs))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _compare(self, live: ServedVersion, number: int, asked: VersionPrediction) -> None:
        try:
            shadow = await self.loaded.get((live.model, number))
            note = await self.in_thread(partial(self.shadows.compare, live, shadow, asked))
            note()
        except Problem:
            self.shadows.fail(live, number)
        finally:
            self.shadows.end()

    async def find_version(
        self, model: str, reference: Reference, key: str | None = None, request: str | None = None
    ) -> ServedVersion:
        """The version that shall serve a request that came just now, and log it where `request` is its id.

        Raises NotFound, Gone and CorruptVersion.
        """
        route, version = await self._find(model, reference, key)
        return version if request is None else self._noting(route, version, request)

    def _noting(self, route: Route, version: ServedVersion, request: str) -> ServedVersion:
        """The version itself; where the model has a log, one that notes the request's rows in it."""
        return version if route.log is None else self._noted(version, route.log, request)

    def _noted(self, version: ServedVersion, rule: LogRule, request: str) -> SampledVersion:
        return SampledVersion(version, RequestSample(self.log, rule, version.number, request))

    async def _find(self, model: str, reference: Reference, key: str | None) -> tuple[Route, ServedVersion]:
        routes = self.turn.routes()
        route = await routes.get(model, reference)
        version = await self.loaded.get((model, choose_version(route, key)))
        routes.keep_ready(route, reference, version)
        return route, version

    async def check_database(self) -> None:
        """Raises Unavailable when the database does not answer."""
        if not await asyncio.get_running_loop().run_in_executor(self._lookups, self.database.is_alive):
            raise Unavailable("The database does not answer.", headers={"Retry-After": "1"})

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Raises Unavailable when so many wait for a thread that one more would only make all of them late."""
        if self._in_threads >= self._most_in_threads:
            raise Unavailable("Too many predictions wait already. Try again.", headers={"Retry-After": "1"})
        self._in_threads += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, work)
        finally:
            self._in_threads -= 1

    def _check_count(self, asked: VersionPrediction) -> None:
        count = len(asked.inputs) if asked.inputs is not None else len(next(iter((asked.columns or {}).values()), ()))
        place = "inputs" if asked.inputs is not None else "columns"
        if count == 0:
            raise fault(("body", place), "too_short", "there must be at least one row")
        if count > self.settings.max_predict_rows:
            limit = f"{self.settings.max_predict_rows:,} rows (FEEDFORWARD_MAX_PREDICT_ROWS)"
            raise fault(("body", place), "too_long", f"one request predicts at most {limit}; send CSV, NDJSON or Arrow")


def done(reply: Reply) -> Awaitable[Reply]:
    """A reply that nobody has to wait for."""
    answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    answered.set_result(reply)
    return answered


def _reply(version: ServedVersion, asked: VersionPrediction, answered: str) -> Reply:
    if asked.inputs is not None:
        rows = version.reader.find_rows(asked.inputs) or version.reader.read(asked.inputs, ROWS)
        predicted = version.predict_rows(rows, ROWS)
        columns: list[Sequence[Any]] = [] if asked.is_plain else list(zip(*rows, strict=True))
    else:
        columns = version.reader.read_columns(asked.columns or {}, COLUMNS)
        predicted = version.predict_columns(columns, COLUMNS)
    if asked.is_plain:
        form = OUTPUT_FORMATS[answered](version)
        return version, form.block(predicted) + form.end()
    if answered != JSON:
        raise fault(("body", "include"), "not_available", "this is told in JSON alone: accept application/json")
    by_name = dict(zip(version.reader.names, columns, strict=True))
    return version, version.wrap(predictions_with_extras(version, predicted, by_name, asked), predicted.warnings)
