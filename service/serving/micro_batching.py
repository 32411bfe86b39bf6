"""What requests of one turn of the event loop share: one look at the registry, and one forward pass a version.

All their bytes were read before the turn began, so a look at its start sees every change that they may expect.
No request waits for others: whatever has arrived is computed when the turn ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain

from service.registry.change_watch import Watch
from service.registry.monitoring.prediction_log import LogRule
from service.registry.serving_routes import Key, Reference, Route
from service.serving.input_warnings import of_rows
from service.serving.reading.row_reader import Rows
from service.serving.served_version import ServedVersion
from service.serving.version_resolution import VersionResolver

ROOT = ("body", "inputs")
# The version that predicted, and the JSON of its response.
PredictionResponse = tuple[ServedVersion, bytes]
PendingRequest = tuple[Rows, "asyncio.Future[PredictionResponse]"]


class MicroBatcher:
    """Used by the event loop's thread alone."""

    def __init__(
        self,
        watch: Watch,
        new_routes: Callable[[dict[Key, Route]], VersionResolver],
        used: Callable[[ServedVersion], None],
    ) -> None:
        self._watch = watch
        self._new_routes = new_routes
        self._used = used
        self._routes = new_routes({})
        self._is_open = False
        self._loop: asyncio.AbstractEventLoop  # looked up once a turn, since that costs a system call
        self._pending: dict[ServedVersion, list[PendingRequest]] = {}

    def routes(self) -> VersionResolver:
        """What names mean in this turn."""
        if not self._is_open:
            self._open()
        return self._routes

    def find_loaded(self, model: str, reference: Reference) -> ServedVersion | None:
        """The version in memory that serves the whole traffic of the reference, where it is known."""
        if not self._is_open:
            self._open()
        return self._routes.ready.get((model, reference))

    def find_logged(self, model: str, reference: Reference) -> tuple[ServedVersion, LogRule] | None:
        """The version in memory that serves the whole traffic, of a model whose predictions are logged."""
        return self._routes.logged.get((model, reference))

    def predict(self, version: ServedVersion, rows: Rows) -> asyncio.Future[PredictionResponse]:
        """Predict checked rows together with those that other requests of this turn have for the same version."""
        if not self._is_open:
            self._open()
        response: asyncio.Future[PredictionResponse] = self._loop.create_future()
        pending = self._pending.get(version)
        if pending is None:
            self._pending[version] = [(rows, response)]
        else:
            pending.append((rows, response))
        return response

    def predict_batch(self, version: ServedVersion, requests: Sequence[Rows]) -> list[bytes]:
        """The responses to requests of checked rows, computed together. Raises InvalidInput for any of them."""
        self._used(version)
        if len(requests) == 1:
            return [version.write_response(version.predict_rows(requests[0], ROOT))]
        return _predict_together(version, requests)

    def forget_ready(self) -> None:
        """Stop using versions that were dropped from memory."""
        self._routes.forget_ready()

    def _open(self) -> None:
        self._is_open = True
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._close)
        if self._watch.moved():
            self._routes = self._new_routes(self._watch.still_usable(self._routes.before))

    def _close(self) -> None:
        self._is_open = False
        pending, self._pending = self._pending, {}
        for version, requests in pending.items():
            self._used(version)
            _respond_together(version, requests)


def _respond_together(version: ServedVersion, requests: list[PendingRequest]) -> None:
    try:
        contents = _predict_together(version, [rows for rows, _ in requests])
    except Exception:
        _respond_one_by_one(version, requests)
        return
    for (_, response), content in zip(requests, contents, strict=True):
        if not response.done():
            response.set_result((version, content))


def _predict_together(version: ServedVersion, requests: Sequence[Rows]) -> list[bytes]:
    """The response to each request, from one forward pass. Raises InvalidInput."""
    rows = requests[0] if len(requests) == 1 else list(chain.from_iterable(requests))
    predicted = version.predict_rows(rows, ROOT)
    if predicted.warnings.count > len(predicted.warnings.items):  # some were left out, so each request finds its own
        return [version.write_response(version.predict_rows(rows, ROOT)) for rows in requests]
    predictions = version.write_rows(predicted.values)
    responses = []
    start = 0
    for request in requests:
        stop = start + len(request)
        warnings = of_rows(predicted.warnings, start, stop)
        responses.append(version.wrap(b"[%s]" % b",".join(predictions[start:stop]), warnings))
        start = stop
    return responses


def _respond_one_by_one(version: ServedVersion, requests: list[PendingRequest]) -> None:
    """So that an error in the rows of one request fails that request alone."""
    for rows, response in requests:
        if response.done():
            continue
        try:
            response.set_result((version, version.write_response(version.predict_rows(rows, ROOT))))
        except Exception as error:
            response.set_exception(error)
