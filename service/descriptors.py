"""The descriptors of this process: how many it may have, and whether they run short."""

from __future__ import annotations

import os
import resource
import sys

# A connection may need a file as well. Where no lower descriptor is free than these, newcomers find no room.
RESERVED_FOR_FILES = 64


class Descriptors:
    """Those of the whole process. The system gives a new one the lowest number that is free."""

    def __init__(self) -> None:
        soft_limit = most_descriptors()
        reserve = min(RESERVED_FOR_FILES, soft_limit // 4)
        self._first_reserved, self._last_resort = soft_limit - reserve, soft_limit - reserve // 2

    def run_short(self) -> bool:
        return lowest_free_descriptor() >= self._first_reserved

    def are_nearly_out(self) -> bool:
        return self.is_among_last(lowest_free_descriptor())

    def is_among_last(self, descriptor: int) -> bool:
        """Whether it is one of those that no client's file may take, so that the others can still be served."""
        return descriptor >= self._last_resort


def lowest_free_descriptor() -> int:
    """The number that a new descriptor would have; one beyond every limit where none is free."""
    try:
        descriptor = os.open("/", os.O_RDONLY)
    except OSError:
        return sys.maxsize
    os.close(descriptor)
    return descriptor


def most_descriptors() -> int:
    soft_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return sys.maxsize if soft_limit == resource.RLIM_INFINITY else soft_limit
