"""Sends the events of jobs to their listeners, with one query of the database for all of them while there are any."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress

from fastapi.concurrency import run_in_threadpool

from service.api.jobs.event_pages import HEARTBEAT, OPENING, Pages, WireEvent, write_event
from service.problems import Problem
from service.registry.database import Database
from service.registry.jobs.events import list_events, newest_events

POLL_SECONDS = 0.05
HEARTBEAT_SECONDS = 15.0


class Topic:
    """One job with listeners."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.newest = 0
        self.listeners = 0
        self._news = asyncio.Event()

    def announce(self, newest: int) -> None:
        if newest > self.newest:
            self.newest = newest
            self.wake()

    def wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def wait_beyond(self, number: int, seconds: float) -> bool:
        """Wait for events after `number`, at most so many seconds; returns whether there may be some."""
        if self.newest > number:
            return True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)
            return True
        return False


class Broadcaster:
    """The event streams of one API process."""

    def __init__(self, database: Database, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        self._database = database
        self._heartbeat_seconds = heartbeat_seconds
        self._topics: dict[str, Topic] = {}
        self._poller: asyncio.Task[None] | None = None
        self._draining = False

    async def follow(self, job: str, after: int, newest: int) -> AsyncIterator[bytes]:
        """The stream of a job's events after a number, until the job has ended or the server ends."""
        yield OPENING
        with self._listening(job) as topic:
            topic.announce(newest)
            while not self._draining:
                events, read_to = await topic.pages.after(after, topic.newest)
                if events:
                    yield b"".join(event.wire for event in events)
                    if events[-1].is_last:
                        return
                elif not await topic.wait_beyond(read_to, self._heartbeat_seconds):
                    yield HEARTBEAT
                after = read_to

    def drain(self) -> None:
        """End all streams; their clients reconnect, to another process or the next one, and continue."""
        self._draining = True
        for topic in self._topics.values():
            topic.wake()

    async def close(self) -> None:
        """Drain, and wait until the last query of the database has returned."""
        self.drain()
        if self._poller is not None:
            await self._poller

    @contextmanager
    def _listening(self, job: str) -> Iterator[Topic]:
        topic = self._topics.get(job) or Topic(Pages(lambda after, limit: self._read(job, after, limit)))
        self._topics[job] = topic
        topic.listeners += 1
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll())
        try:
            yield topic
        finally:
            topic.listeners -= 1
            if topic.listeners == 0:
                self._topics.pop(job, None)

    async def _poll(self) -> None:
        while self._topics and not self._draining:
            with suppress(Problem):  # while the database can't be reached, all listeners wait
                for job, number in (await run_in_threadpool(self._newest, list(self._topics))).items():
                    if job in self._topics:
                        self._topics[job].announce(number)
            await asyncio.sleep(POLL_SECONDS)
        self._poller = None

    def _newest(self, jobs: list[str]) -> dict[str, int]:
        with self._database.read() as session:
            return newest_events(session, jobs)

    def _read(self, job: str, after: int, limit: int) -> Sequence[WireEvent]:
        with self._database.read() as session:
            return [write_event(event) for event in list_events(session, job, after, limit)]
