"""Content negotiation: the response's type by the Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from service.problems import NotAcceptable


def choose_type(request: Request, offered: Sequence[str]) -> str:
    """The offered type that the Accept header prefers, the first among equals. Raises NotAcceptable."""
    return choose_offered(",".join(request.headers.getlist("accept")), offered)


def choose_offered(accept: str, offered: Sequence[str]) -> str:
    """`choose_type` for the text of the header itself."""
    if not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept.split(",")]
    best = max(offered, key=lambda kind: (_quality(kind, ranges), -offered.index(kind)))
    if _quality(best, ranges) <= 0:
        raise NotAcceptable(f"This address returns {' or '.join(offered)}. Send one of these in Accept, or */*.")
    return best


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    try:
        return kind, float(quality)
    except ValueError:
        return kind, 0.0


def _quality(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality of the most specific range that matches the type."""
    family = kind.split("/")[0]
    for pattern in (kind, f"{family}/*", "*/*"):
        qualities = [quality for name, quality in ranges if name == pattern]
        if qualities:
            return max(qualities)
    return 0.0
