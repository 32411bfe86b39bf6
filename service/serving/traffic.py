"""Which version of a split serves a request."""

from __future__ import annotations

import hashlib
import random

from service.registry.serving_routes import Route


def choose_version(route: Route, key: str | None) -> int:
    """The version that serves a request: by weight, and always the same one for the same key while the split stands."""
    if not route.split:
        return route.version
    point = random.random() if key is None else point_of(f"{route.model}/{route.alias}/{key}")
    for number, weight in route.split:
        point -= weight
        if point < 0:
            return number
    return route.split[-1][0]


def point_of(text: str) -> float:
    """A number in [0, 1) that is the same for the same text, in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64
