"""Versions in memory: loaded once for concurrent requests, and evicted by least recent use beyond a size."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor

from models.errors import ModelError
from models.formats import safetensors
from service.problems import CorruptVersion
from service.registry.database import Database
from service.registry.models import versions
from service.serving.served_version import ServedVersion

Key = tuple[str, int]


class VersionCache:
    """A cache whose entries never change, since a version never does. Used by the event loop's thread alone."""

    def __init__(
        self, database: Database, threads: Executor, most_bytes: int, dropped: Callable[[], None] = lambda: None
    ) -> None:
        self._dropped = dropped
        self._database = database
        self._threads = threads
        self._most_bytes = most_bytes
        self._bytes = 0
        self._versions: OrderedDict[Key, ServedVersion] = OrderedDict()
        self._loads: dict[Key, asyncio.Future[ServedVersion]] = {}

    def use(self, version: ServedVersion) -> None:
        """Mark the version as recently used."""
        key = (version.model, version.number)
        if key in self._versions:
            self._versions.move_to_end(key)

    async def get(self, key: Key) -> ServedVersion:
        """Raises NotFound, Gone and CorruptVersion; after any of these the next request tries again."""
        version = self._versions.get(key)
        if version is not None:
            self.use(version)
            return version
        load = self._loads.get(key)
        if load is None:
            load = asyncio.get_running_loop().run_in_executor(self._threads, self._load, key)
            self._loads[key] = load
            load.add_done_callback(lambda done: self._keep(key, done))
        return await asyncio.shield(load)

    def forget(self, model: str) -> None:
        """Free the memory of the model's versions."""
        for key in [key for key in self._versions if key[0] == model]:
            self._bytes -= self._versions.pop(key).bytes
        self._dropped()

    def _load(self, key: Key) -> ServedVersion:
        model, number = key
        with self._database.read() as session:
            version, weights = versions.get_weights(session, model, number)
        try:
            trained = safetensors.loads(weights)
        except ModelError as error:
            raise CorruptVersion(f"The stored weights of {model}/{number} can't be read: {error}") from error
        return ServedVersion(version, trained)

    def _keep(self, key: Key, load: asyncio.Future[ServedVersion]) -> None:
        del self._loads[key]
        if load.cancelled() or load.exception() is not None:
            return
        self._versions[key] = load.result()
        self._bytes += load.result().bytes
        while self._bytes > self._most_bytes and len(self._versions) > 1:
            _, oldest = self._versions.popitem(last=False)
            self._bytes -= oldest.bytes
            self._dropped()
