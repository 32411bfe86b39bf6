"""Listeners share what is read, and hear a heartbeat when there is nothing to hear."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from service.api.jobs.event_broadcast import Broadcaster
from service.registry.database import Database
from service.registry.jobs.events import emit
from service.registry.jobs.jobs import Claim


async def next_pieces(stream: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await anext(stream) for _ in range(count)]


def test_silence_is_filled_with_heartbeats(registry: Database, running: Claim):
    async def listen() -> list[bytes]:
        broadcaster = Broadcaster(registry, heartbeat_seconds=0.05)
        stream = broadcaster.follow(running.job, after=2, newest=2)
        pieces = await next_pieces(stream, 4)
        await stream.aclose()
        await broadcaster.close()
        return pieces

    opening, *heartbeats = asyncio.run(listen())
    assert opening.startswith(b": ")
    assert heartbeats == [b": heartbeat\n\n"] * 3


@pytest.mark.parametrize("listeners", [1, 50])
def test_any_number_of_listeners_costs_one_read(registry: Database, running: Claim, listeners: int):
    reads: list[tuple[str, int]] = []

    class Counted(Broadcaster):
        def _read(self, job: str, after: int, limit: int):
            reads.append((job, after))
            return super()._read(job, after, limit)

    async def listen() -> list[list[bytes]]:
        broadcaster = Counted(registry)
        streams = [broadcaster.follow(running.job, after=0, newest=2) for _ in range(listeners)]
        heard = await asyncio.gather(*(next_pieces(stream, 2) for stream in streams))
        await asyncio.gather(*(stream.aclose() for stream in streams))
        await broadcaster.close()
        return heard

    heard = asyncio.run(listen())
    assert [pieces[1].count(b"id: ") for pieces in heard] == [2] * listeners
    assert reads == [(running.job, 0)]


def test_news_that_come_while_a_listener_reads_are_not_missed(registry: Database, running: Claim):
    class NewsWhileReading(Broadcaster):
        def _read(self, job: str, after: int, limit: int):
            found = super()._read(job, after, limit)
            if after == 0:
                with registry.write() as session:
                    emit(session, job, "warning", {"code": "late"})
                asyncio.run_coroutine_threadsafe(self._tell(job), loop).result()
            return found

        async def _tell(self, job: str) -> None:
            self._topics[job].announce(3)

    async def listen() -> list[bytes]:
        nonlocal loop
        loop = asyncio.get_running_loop()
        broadcaster = NewsWhileReading(registry, heartbeat_seconds=30)
        stream = broadcaster.follow(running.job, after=2, newest=2)
        pieces = await next_pieces(stream, 2)
        await stream.aclose()
        await broadcaster.close()
        return pieces

    loop: asyncio.AbstractEventLoop
    assert asyncio.run(listen())[1].startswith(b"id: 3\nevent: warning\n")
