"""Documents that take long to build: once for all who request them at the same time, and not on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request


class SharedBuilds:
    """One for each API process; used by the event loop's thread alone.

    One document is built at a time: several threads of pure Python would only take turns with the event loop.
    """

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[bytes]] = {}
        self._thread = CapacityLimiter(1)

    async def get(self, key: Hashable, build: Callable[[], bytes]) -> bytes:
        """What `build` returns; requests with an equal key that come meanwhile wait for the same."""
        running = self._running.get(key)
        if running is None:
            running = asyncio.create_task(to_thread.run_sync(build, limiter=self._thread))
            self._running[key] = running
            running.add_done_callback(lambda _: self._running.pop(key))
        return await asyncio.shield(running)  # a client that leaves ends nobody else's document


async def _builds(request: Request) -> SharedBuilds:
    state = request.app.state
    if not hasattr(state, "builds"):
        state.builds = SharedBuilds()
    builds: SharedBuilds = state.builds
    return builds


Builds = Annotated[SharedBuilds, Depends(_builds)]
