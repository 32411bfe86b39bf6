"""The protocol's model repository. Every version that is not deleted is ready, and is loaded on its first request."""

from __future__ import annotations

from functools import partial
from typing import Any

from service.registry import serving_routes
from service.registry.database import Database
from service.serving.predictor import Predictor

MOST_VERSIONS = 10_000


class Repository:
    def __init__(self, predictor: Predictor, database: Database) -> None:
        self._predictor = predictor
        self._database = database

    async def index(self, ready: bool | None) -> list[dict[str, str]]:
        """The versions, or only those that are ready (all) or not ready (none)."""
        if ready is False:
            return []
        versions = await self._predictor.in_thread(self._list_all)
        return [{"name": name, "version": str(number), "state": "READY", "reason": ""} for name, number in versions]

    async def numbers(self, model: str) -> list[int]:
        return await self._predictor.in_thread(partial(self._list_numbers, model))

    async def load(self, model: str) -> None:
        """Load the model's default version. Raises NotFound and CorruptVersion."""
        await self._predictor.find_version(model, None)

    async def unload(self, model: str) -> None:
        """Free the memory of the model's versions; the next request loads again. Raises NotFound."""
        await self.numbers(model)
        self._predictor.loaded.forget(model)

    def _list_all(self) -> list[tuple[str, int]]:
        with self._database.read() as session:
            return serving_routes.list_live_versions(session, MOST_VERSIONS)

    def _list_numbers(self, model: str) -> list[int]:
        with self._database.read() as session:
            return serving_routes.list_live_numbers(session, model, MOST_VERSIONS)


def wants_ready(body: Any) -> bool | None:
    """The filter of an index request; clients send an empty body."""
    ready = body.get("ready") if isinstance(body, dict) else None
    return ready if isinstance(ready, bool) else None
