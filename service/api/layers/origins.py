"""Requests that a web page of another site makes its visitor's browser send."""

from __future__ import annotations

from starlette.types import Scope

from service.problems import CrossSite, shorten

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def check_origin(scope: Scope) -> None:
    """Raises CrossSite for a request that may change something and comes from a page of another site.

    A browser always says where such a request comes from; other clients say nothing.
    """
    if scope["method"] in SAFE_METHODS:
        return
    headers = scope["headers"]
    for name, value in headers:
        if name == b"sec-fetch-site" and value.strip().lower() in {b"cross-site", b"same-site"}:
            raise CrossSite(f"Sec-Fetch-Site is {shorten(value.decode('latin-1'))}: call from this server's own pages.")
        if name == b"origin" and not is_own_origin(value, headers):
            origin = shorten(value.decode("latin-1"))
            raise CrossSite(
                f"The page at {origin} is not this server's. Call from its own pages, or not from a browser."
            )


def is_own_origin(origin: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether the origin's authority is the Host that the request was sent to, which was checked before."""
    scheme, separator, authority = origin.strip().lower().partition(b"://")
    host = next((value for name, value in headers if name == b"host"), b"").strip().lower()
    return bool(separator) and scheme in {b"http", b"https"} and authority == host
