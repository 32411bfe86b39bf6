"""What requests of one turn of the event loop share: one look at the registry, and one forward pass a version.

Their bytes were all read before the turn began, so a look at its start sees every change that any of them may expect.
No request waits for others: what has come is computed when the turn ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain

from service.registry.change_watch import Watch
from service.registry.monitoring.prediction_log import LogRule
from service.registry.serving_routes import Reference, Route
from service.serving.input_warnings import of_rows
from service.serving.row_reader import Rows
from service.serving.served_version import ServedVersion
from service.serving.version_resolution import Key, VersionResolver

ROOT = ("body", "inputs")
# The version that answers, and the JSON of its answer.
Reply = tuple[ServedVersion, bytes]
Asked = tuple[Rows, "asyncio.Future[Reply]"]


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
        self._loop: asyncio.AbstractEventLoop  # asked for once a turn, since asking costs a system call
        self._asked: dict[ServedVersion, list[Asked]] = {}

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
        """The same of a model whose predictions are logged."""
        return self._routes.logged.get((model, reference))

    def predict(self, version: ServedVersion, rows: Rows) -> asyncio.Future[Reply]:
        """Of checked rows, together with those that other requests of this turn have for the same version."""
        if not self._is_open:
            self._open()
        answered: asyncio.Future[Reply] = self._loop.create_future()
        asked = self._asked.get(version)
        if asked is None:
            self._asked[version] = [(rows, answered)]
        else:
            asked.append((rows, answered))
        return answered

    def predict_batch(self, version: ServedVersion, requests: Sequence[Rows]) -> list[bytes]:
        """The answers to some requests' checked rows, computed together. Raises InvalidInput for any of them."""
        self._used(version)
        if len(requests) == 1:
            return [version.write_answer(version.predict_rows(requests[0], ROOT))]
        return _answers_together(version, requests)

    def forget_ready(self) -> None:
        """Versions were dropped from memory: the quick way must not keep them there."""
        self._routes.forget_ready()

    def _open(self) -> None:
        self._is_open = True
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._close)
        if self._watch.moved():
            self._routes = self._new_routes({} if self._watch.is_certain() else self._routes.before)

    def _close(self) -> None:
        self._is_open = False
        asked, self._asked = self._asked, {}
        for version, requests in asked.items():
            self._used(version)
            _answer_together(version, requests)


def _answer_together(version: ServedVersion, requests: list[Asked]) -> None:
    try:
        answers = _answers_together(version, [rows for rows, _ in requests])
    except Exception:
        _answer_one_by_one(version, requests)
        return
    for (_, answered), answer in zip(requests, answers, strict=True):
        if not answered.done():
            answered.set_result((version, answer))


def _answers_together(version: ServedVersion, requests: Sequence[Rows]) -> list[bytes]:
    """The answer to each request, of one forward pass. Raises InvalidInput."""
    rows = requests[0] if len(requests) == 1 else list(chain.from_iterable(requests))
    predicted = version.predict_rows(rows, ROOT)
    if predicted.warnings.count > len(predicted.warnings.items):  # some are left out, so not all know their own
        return [version.write_answer(version.predict_rows(rows, ROOT)) for rows in requests]
    written = version.write_rows(predicted.values)
    answers = []
    start = 0
    for asked in requests:
        stop = start + len(asked)
        warnings = of_rows(predicted.warnings, start, stop)
        answers.append(version.wrap(b"[%s]" % b",".join(written[start:stop]), warnings))
        start = stop
    return answers


def _answer_one_by_one(version: ServedVersion, requests: list[Asked]) -> None:
    """So that what is wrong with one request's rows is told to that one alone."""
    for rows, answered in requests:
        if answered.done():
            continue
        try:
            answered.set_result((version, version.write_answer(version.predict_rows(rows, ROOT))))
        except Exception as error:
            answered.set_exception(error)
