"""What the protocol asks of the registry. Every version that is not deleted is ready: it is loaded when it is asked."""

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
        """The versions; with `ready` only those that are, or only those that are not, which is none."""
        if ready is False:
            return []
        found = await self._predictor.in_thread(self._list_all)
        return [{"name": name, "version": str(number), "state": "READY", "reason": ""} for name, number in found]

    async def numbers(self, model: str) -> list[int]:
        return await self._predictor.in_thread(partial(self._list_numbers, model))

    async def load(self, model: str) -> None:
        """Have the model's default version in memory. Raises NotFound and CorruptVersion."""
        await self._predictor.find_version(model, None)

    async def unload(self, model: str) -> None:
        """Free the memory that the model's versions take; the next request loads again. Raises NotFound."""
        await self.numbers(model)
        self._predictor.loaded.forget(model)

    def _list_all(self) -> list[tuple[str, int]]:
        with self._database.read() as session:
            return serving_routes.list_live_versions(session, MOST_VERSIONS)

    def _list_numbers(self, model: str) -> list[int]:
        with self._database.read() as session:
            return serving_routes.list_live_numbers(session, model, MOST_VERSIONS)


def wants_ready(body: Any) -> bool | None:
    """What the body of an index request asks; the clients send an empty one."""
    ready = body.get("ready") if isinstance(body, dict) else None
    return ready if isinstance(ready, bool) else None
