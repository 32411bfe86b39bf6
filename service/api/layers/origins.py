"""Requests that a web page of another site makes its visitor's browser send."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope

from service.problems import CrossSite, shorten

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
OTHER_SITES = {b"cross-site", b"same-site"}


def check_origin(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    """Raises CrossSite for a request that may change something and comes from a page of another site.

    A browser always says where such a request comes from; other clients say nothing.
    """
    if scope["method"] in SAFE_METHODS:
        return
    if b"sec-fetch-site" in headers and headers[b"sec-fetch-site"].strip().lower() in OTHER_SITES:
        raise CrossSite("Sec-Fetch-Site names another site. Call from this server's own pages.")
    if b"origin" in headers and not is_own_origin(headers[b"origin"], headers.get(b"host", b"")):
        origin = shorten(headers[b"origin"].decode("latin-1"))
        raise CrossSite(f"The page at {origin} is not this server's. Call from its own pages, or not from a browser.")


def is_own_origin(origin: bytes, host: bytes) -> bool:
    """Whether the origin's authority is the Host that the request was sent to, which was checked before."""
    scheme, _, authority = origin.strip().lower().partition(b"://")
    return scheme in {b"http", b"https"} and authority == host.strip().lower()
