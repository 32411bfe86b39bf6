"""A job's events in the wire form of server-sent events, in pages that are read once for every listener.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson
from fastapi.concurrency import run_in_threadpool

from service.schemas.job import TERMINAL, JobEvent

# Sent first: shows that the stream is open, and how long to wait before reconnecting when it breaks.
OPENING = b": following\nretry: 1000\n\n"
HEARTBEAT = b": heartbeat\n\n"


@dataclass(frozen=True, slots=True)
class WireEvent:
    """An event as it is sent. The last one of a stream holds the state in which the job ended."""

    number: int
    wire: bytes
    is_last: bool


def write_event(event: JobEvent) -> WireEvent:
    wire = b"id: %d\nevent: %s\ndata: %s\n\n" % (event.number, event.event.encode(), orjson.dumps(event.data))
    return WireEvent(event.number, wire, event.event == "state" and event.data.get("state") in TERMINAL)


PAGE_EVENTS = 256
MOST_PAGES = 16
# Reads the events after a number, oldest first, up to a count.
ReadEvents = Callable[[int, int], Sequence[WireEvent]]


class Page:
    """Events numbered from `first` on; the page at the end grows."""

    def __init__(self, first: int) -> None:
        self.read_to = first - 1
        self.end = first + PAGE_EVENTS - 1
        self.events: list[WireEvent] = []
        self.reading = asyncio.Lock()

    async def grow(self, newest: int, read: ReadEvents) -> None:
        async with self.reading:
            goal = min(newest, self.end)
            if self.read_to < goal:
                self.events += await run_in_threadpool(read, self.read_to, self.end - self.read_to)
                self.read_to = max(goal, self.events[-1].number if self.events else 0)


class Pages:
    """The pages of one job that were used last."""

    def __init__(self, read: ReadEvents) -> None:
        self._read = read
        self._pages: dict[int, Page] = {}

    async def after(self, number: int, newest: int) -> tuple[list[WireEvent], int]:
        """Some of the events after `number`, oldest first, and the number up to which there are no others."""
        page = self._page_with(number + 1)
        await page.grow(newest, self._read)
        return [event for event in page.events if event.number > number], max(page.read_to, number)

    def _page_with(self, number: int) -> Page:
        first = (number - 1) // PAGE_EVENTS * PAGE_EVENTS + 1
        page = self._pages.pop(first, None) or Page(first)
        self._pages[first] = page  # the page used last is the last in the dict
        if len(self._pages) > MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        return page
