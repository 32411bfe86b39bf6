"""Where a change comes from: set when a request or a job begins, read when its events are recorded.

It follows the request into the threads that work for it, so no function on the way has to pass it on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """A caller's address and key, or the job that a worker runs."""

    address: str | None = None
    key: str | None = None
    job: str | None = None


_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039  # it is frozen


def current_origin() -> Origin:
    return _origin.get()


def set_origin(origin: Origin) -> None:
    """Set the origin for the rest of this request, which has a context of its own."""
    _origin.set(origin)


@contextmanager
def origin_scope(origin: Origin) -> Iterator[None]:
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)
