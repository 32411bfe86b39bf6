"""Which version a number, an alias, `latest` or a split names: read once, then after each change of the registry."""

from __future__ import annotations

import asyncio
import hashlib
import random
from concurrent.futures import Executor

from service.problems import Unavailable
from service.registry import serving_routes
from service.registry.database import Database
from service.registry.monitoring.prediction_log import LogRule
from service.registry.serving_routes import Reference, Route
from service.serving.served_version import ServedVersion

MOST_KNOWN = 50_000
# Where the database does not answer for so long, what a name meant before is used.
SECONDS_TO_FIND = 1.0
Key = tuple[str, Reference]


class VersionResolver:
    """The routes known since the registry last moved; an object of its own after each move.

    A search that began before a move belongs to the object of before, so its result can't be taken for a newer one.
    `before` is what names meant then, for as long as the database can't be asked; the object adds what it finds.
    """

    def __init__(self, database: Database, threads: Executor, before: dict[Key, Route]) -> None:
        self.before = before
        self.known: dict[Key, Route] = {}
        self.ready: dict[Key, ServedVersion] = {}
        self.logged: dict[Key, tuple[ServedVersion, LogRule]] = {}
        self._searches: dict[Key, asyncio.Future[Route]] = {}
        self._database = database
        self._threads = threads

    async def get(self, model: str, reference: Reference) -> Route:
        """Raises NotFound and Gone. Requests that ask for the same at once wait for one search."""
        key = (model, reference)
        route = self.known.get(key)
        if route is not None:
            return route
        search = self._searches.get(key) or self._begin_search(key)
        if key not in self.before:
            return await asyncio.shield(search)
        done, _ = await asyncio.wait([search], timeout=SECONDS_TO_FIND)
        if done and not isinstance(search.exception(), Unavailable):
            return search.result()
        return self.known.setdefault(key, self.before[key])

    def _begin_search(self, key: Key) -> asyncio.Future[Route]:
        search = asyncio.get_running_loop().run_in_executor(self._threads, self._find, *key)
        self._searches[key] = search
        search.add_done_callback(lambda done: self._keep(key, done))
        return search

    def keep_ready(self, route: Route, reference: Reference, version: ServedVersion) -> None:
        """From now on the quick way may be taken, where one version serves all requests: one of two, by the log."""
        if route.split or route.shadow is not None:
            return
        if route.log is None:
            self.ready[route.model, reference] = version
        else:
            self.logged[route.model, reference] = version, route.log

    def forget_ready(self) -> None:
        self.ready.clear()
        self.logged.clear()

    def _find(self, model: str, reference: Reference) -> Route:
        with self._database.read() as session:
            return serving_routes.get_route(session, model, reference)

    def _keep(self, key: Key, search: asyncio.Future[Route]) -> None:
        del self._searches[key]
        if search.cancelled() or isinstance(search.exception(), Unavailable):
            return
        self._forget(key)
        if search.exception() is not None:
            return
        if len(self.before) >= MOST_KNOWN:
            self.before.clear()
            self.known.clear()
            self.forget_ready()
        self.known[key] = self.before[key] = search.result()

    def _forget(self, key: Key) -> None:
        """What was in use while the search went on."""
        for remembered in (self.before, self.known, self.ready, self.logged):
            remembered.pop(key, None)


def choose_version(route: Route, key: str | None) -> int:
    """The version that serves a request: by weight, and always the same one for the same key while the split stands."""
    if not route.split:
        return route.version
    point = random.random() if key is None else point_of(f"{route.model}/{route.alias}/{key}")
    for number, weight in route.split:
        point -= weight
        if point < 0:
            return number
    return route.split[-1][0]


def point_of(text: str) -> float:
    """A number in [0, 1) that is the same for the same text, in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64
