"""Which of the types that an address can answer a request wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from service.problems import NotAcceptable


def choose_type(request: Request, offered: Sequence[str]) -> str:
    """The offered type that the Accept header likes best, the first one among equals. Raises NotAcceptable."""
    return choose_offered(",".join(request.headers.getlist("accept")), offered)


def choose_offered(accept: str, offered: Sequence[str]) -> str:
    """The same for the text of the header itself."""
    if not accept.strip():
        return offered[0]
    wanted = [_range(part) for part in accept.split(",")]
    best = max(offered, key=lambda kind: (_quality(kind, wanted), -offered.index(kind)))
    if _quality(best, wanted) <= 0:
        raise NotAcceptable(f"This address answers {' or '.join(offered)}. Send one of these in Accept, or */*.")
    return best


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    try:
        return kind, float(quality)
    except ValueError:
        return kind, 0.0


def _quality(kind: str, wanted: Sequence[tuple[str, float]]) -> float:
    """What the most specific range that fits says of the type."""
    family = kind.split("/")[0]
    for pattern in (kind, f"{family}/*", "*/*"):
        found = [quality for name, quality in wanted if name == pattern]
        if found:
            return max(found)
    return 0.0
