"""Which version a number, an alias, `latest` or a split names: read once, and again after each registry change."""

from __future__ import annotations

import asyncio
import hashlib
import random
from concurrent.futures import Executor

from service.problems import Unavailable
from service.registry import serving_routes
from service.registry.database import Database
from service.registry.monitoring.prediction_log import LogRule
from service.registry.serving_routes import Key, Reference, Route
from service.serving.served_version import ServedVersion

MOST_KNOWN = 50_000
# Where the database does not answer for so long, what a name meant before is used.
SECONDS_TO_FIND = 1.0


class VersionResolver:
    """The routes known since the last change of the registry; each change starts a new object.

    A lookup that began before a change belongs to the old object, so its result is never used after the change.
    `before` is what names meant then, used while the database does not respond; each lookup adds what it finds.
    """

    def __init__(self, database: Database, threads: Executor, before: dict[Key, Route]) -> None:
        self.before = before
        self.known: dict[Key, Route] = {}
        self.ready: dict[Key, ServedVersion] = {}
        self.logged: dict[Key, tuple[ServedVersion, LogRule]] = {}
        self._lookups: dict[Key, asyncio.Future[Route]] = {}
        self._database = database
        self._threads = threads

    async def get(self, model: str, reference: Reference) -> Route:
        """The route of a reference; concurrent requests share one lookup. Raises NotFound and Gone."""
        key = (model, reference)
        route = self.known.get(key)
        if route is not None:
            return route
        lookup = self._lookups.get(key) or self._begin_lookup(key)
        if key in self.before:
            done, _ = await asyncio.wait([lookup], timeout=SECONDS_TO_FIND)
            is_away = not done or isinstance(lookup.exception(), Unavailable)
            if is_away and key in self.before:  # an older lookup may have found meanwhile that it is gone
                return self.known.setdefault(key, self.before[key])
        return await asyncio.shield(lookup)

    def _begin_lookup(self, key: Key) -> asyncio.Future[Route]:
        lookup = asyncio.get_running_loop().run_in_executor(self._threads, self._find, *key)
        self._lookups[key] = lookup
        lookup.add_done_callback(lambda done: self._keep(key, done))
        return lookup

    def keep_ready(self, route: Route, reference: Reference, version: ServedVersion) -> None:
        """Let the fast path use the version, where it serves all requests of the reference."""
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

    def _keep(self, key: Key, lookup: asyncio.Future[Route]) -> None:
        del self._lookups[key]
        if lookup.cancelled() or isinstance(lookup.exception(), Unavailable):
            return
        self._forget(key)
        if lookup.exception() is not None:
            return
        if len(self.before) >= MOST_KNOWN:
            self.before.clear()
            self.known.clear()
            self.forget_ready()
        self.known[key] = self.before[key] = lookup.result()

    def _forget(self, key: Key) -> None:
        """What was in use while the lookup went on."""
        for remembered in (self.before, self.known, self.ready, self.logged):
            remembered.pop(key, None)


def choose_version(route: Route, key: str | None) -> int:
    """The version that serves a request: chosen by weight, and the same for the same key while the split stays."""
    if not route.split:
        return route.version
    point = random.random() if key is None else point_of(f"{route.model}/{route.alias}/{key}")
    for number, weight in route.split:
        point -= weight
        if point < 0:
            return number
    return route.split[-1][0]


def point_of(text: str) -> float:
    """A number in [0, 1) from a text, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64
