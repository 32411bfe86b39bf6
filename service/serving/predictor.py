"""A prediction from its request to its response: the version, checked rows, one forward pass."""

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
from service.schemas.prediction import ExtraColumns, VersionPrediction
from service.serving.input_errors import invalid_input
from service.serving.micro_batching import MicroBatcher, PredictionResponse
from service.serving.prediction_details import predictions_with_details
from service.serving.prediction_log import PredictionLog, RequestSample, SampledVersion, chosen_rows
from service.serving.reading.row_reader import Rows
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
    """A request for predictions alone. Nothing in it is checked yet, except that its names are text."""

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

    def predict_plain(self, plain: PlainRequest, request: str) -> Awaitable[PredictionResponse] | None:
        """Predict on the event loop, for few rows and a version in memory; None for all other requests.

        `request` is the id under which rows are logged. Raises InvalidInput.
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
        return as_future((version, version.write_response(version.predict_rows(rows, ROWS))))

    def read_rows(self, version: ServedVersion, inputs: Any) -> Rows | None:
        """Checked rows that are few enough for the event loop itself; None for all others."""
        if type(inputs) is not list or len(inputs) > self.most_rows or not version.fits_in_turn(len(inputs)):
            return None
        return version.reader.find_rows(inputs)

    def _predict_logged(self, plain: PlainRequest, request: str) -> Awaitable[PredictionResponse] | None:
        """Predict for a model with a log. A request whose rows are logged is computed alone."""
        route = self.turn.find_logged(plain.model, plain.reference)
        if route is None:
            return None
        version, rule = route
        if plain.inputs is None:
            return self._predict_columns(self._sampled(version, rule, request), plain.columns)
        rows = self.read_rows(version, plain.inputs)
        if rows is None:
            return None
        if len(rows) <= MOST_ROWS_TOGETHER and not chosen_rows(request, 0, len(rows), rule.sample):
            return self.turn.predict(version, rows)
        sampled = self._sampled(version, rule, request)
        return as_future((sampled, sampled.write_response(sampled.predict_rows(rows, ROWS))))

    def _predict_columns(self, version: ServedVersion, columns: Any) -> Awaitable[PredictionResponse] | None:
        content = self.predict_columns_inline(version, columns)
        return None if content is None else as_future((version, content))

    def predict_columns_inline(self, version: ServedVersion, columns: Any) -> bytes | None:
        """The response for columns that are few enough for the event loop itself; None for all others.

        Raises InvalidInput.
        """
        values = version.reader.find_columns(columns)
        n_rows = len(values[0]) if values else 0
        if not values or not 0 < n_rows <= self.most_rows or not version.fits_in_turn(n_rows):
            return None
        return version.write_response(version.predict_columns(values, COLUMNS))

    async def predict(
        self,
        model: str,
        reference: Reference,
        body: VersionPrediction,
        media_type: str = JSON,
        request: str = "",
        extra_columns: ExtraColumns = "reject",
    ) -> PredictionResponse:
        """Any prediction, written in one of `OUTPUT_FORMATS`; `request` is the id under which rows are logged.

        Raises NotFound, Gone, CorruptVersion and InvalidInput.
        """
        route, version = await self._find(model, reference, body.key)
        version = version.with_extra_columns(extra_columns)
        self._check_count(body)
        if route.shadow is not None and self.shadows.begin(version, route.shadow):
            self._in_background(self._compare(version, route.shadow, body))
        version = self._with_log(route, version, request)
        if body.is_plain and media_type == JSON and body.inputs and self._are_few(version, body.inputs):
            rows = version.reader.find_rows(body.inputs) or version.reader.read(body.inputs, ROWS)
            if route.log is not None:
                return version, version.write_response(version.predict_rows(rows, ROWS))
            return await self.turn.predict(version, rows)
        return await self.in_thread(partial(_respond, version, body, media_type))

    def _are_few(self, version: ServedVersion, inputs: list[Any]) -> bool:
        return len(inputs) <= MOST_ROWS_TOGETHER and version.fits_in_turn(len(inputs))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _compare(self, live: ServedVersion, number: int, body: VersionPrediction) -> None:
        try:
            shadow = await self.loaded.get((live.model, number))
            add_to_tally = await self.in_thread(partial(self.shadows.compare, live, shadow, body))
            add_to_tally()
        except Problem:
            self.shadows.fail(live, number)
        finally:
            self.shadows.end()

    async def find_version(
        self,
        model: str,
        reference: Reference,
        key: str | None = None,
        request: str | None = None,
        extra_columns: ExtraColumns = "reject",
    ) -> ServedVersion:
        """The version that serves a request that has just come, with its log where `request` is given.

        Raises NotFound, Gone and CorruptVersion.
        """
        route, version = await self._find(model, reference, key)
        version = version.with_extra_columns(extra_columns)
        return version if request is None else self._with_log(route, version, request)

    def _with_log(self, route: Route, version: ServedVersion, request: str) -> ServedVersion:
        """The version itself; where the model has a log, one that logs the rows of the request."""
        return version if route.log is None else self._sampled(version, route.log, request)

    def _sampled(self, version: ServedVersion, rule: LogRule, request: str) -> SampledVersion:
        return SampledVersion(version, RequestSample(self.log, rule, version.number, request))

    async def _find(self, model: str, reference: Reference, key: str | None) -> tuple[Route, ServedVersion]:
        routes = self.turn.routes()
        route = await routes.get(model, reference)
        version = await self.loaded.get((model, choose_version(route, key)))
        routes.keep_ready(route, reference, version)
        return route, version

    async def check_database(self) -> None:
        """Raises Unavailable when the database does not respond."""
        if not await asyncio.get_running_loop().run_in_executor(self._lookups, self.database.is_alive):
            raise Unavailable("The database does not respond.", headers={"Retry-After": "1"})

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Raises Unavailable when so many requests wait for a thread that one more would delay them all."""
        if self._in_threads >= self._most_in_threads:
            raise Unavailable("Too many predictions are waiting. Try again.", headers={"Retry-After": "1"})
        self._in_threads += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, work)
        finally:
            self._in_threads -= 1

    def _check_count(self, body: VersionPrediction) -> None:
        count = len(body.inputs) if body.inputs is not None else len(next(iter((body.columns or {}).values()), ()))
        place = "inputs" if body.inputs is not None else "columns"
        if count == 0:
            raise invalid_input(("body", place), "too_short", "there must be at least one row")
        if count > self.settings.max_predict_rows:
            limit = f"{self.settings.max_predict_rows:,} rows (FEEDFORWARD_MAX_PREDICT_ROWS)"
            raise invalid_input(
                ("body", place), "too_long", f"one request predicts at most {limit}; send CSV, NDJSON or Arrow"
            )


def as_future(response: PredictionResponse) -> Awaitable[PredictionResponse]:
    """A response that is ready."""
    future: asyncio.Future[PredictionResponse] = asyncio.get_running_loop().create_future()
    future.set_result(response)
    return future


def _respond(version: ServedVersion, body: VersionPrediction, media_type: str) -> PredictionResponse:
    if body.inputs is not None:
        rows = version.reader.find_rows(body.inputs) or version.reader.read(body.inputs, ROWS)
        predicted = version.predict_rows(rows, ROWS)
        columns: list[Sequence[Any]] = [] if body.is_plain else list(zip(*rows, strict=True))
    else:
        columns = version.reader.read_columns(body.columns or {}, COLUMNS)
        predicted = version.predict_columns(columns, COLUMNS)
    if body.is_plain:
        output_format = OUTPUT_FORMATS[media_type](version)
        return version, output_format.block(predicted) + output_format.end()
    if media_type != JSON:
        raise invalid_input(
            ("body", "include"), "not_available", "this is available in JSON only: accept application/json"
        )
    by_name = dict(zip(version.reader.names, columns, strict=True))
    return version, version.wrap(predictions_with_details(version, predicted, by_name, body), predicted.warnings)
