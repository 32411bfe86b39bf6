"""The wire form of events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from service.schemas.job import TERMINAL, JobEvent

# Sent first: shows that the stream stands, and how long to wait before coming back when it breaks.
OPENING = b": following\nretry: 1000\n\n"
HEARTBEAT = b": heartbeat\n\n"


@dataclass(frozen=True, slots=True)
class WireEvent:
    """An event as it is sent; the last one of its stream is the one that tells how the job ended."""

    number: int
    wire: bytes
    is_last: bool


def write_event(event: JobEvent) -> WireEvent:
    wire = b"id: %d\nevent: %s\ndata: %s\n\n" % (event.number, event.event.encode(), orjson.dumps(event.data))
    return WireEvent(event.number, wire, event.event == "state" and event.data.get("state") in TERMINAL)
