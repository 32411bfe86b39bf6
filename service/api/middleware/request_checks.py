"""Checks of a request's head before it is processed: host, origin, content type."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.http.addresses import body_at
from service.media_types import FORM, JSON
from service.problems import BadHost, CrossSite, UnsupportedType, shorten
from service.settings import Settings

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
EVERYWHERE = {"0.0.0.0", "::", ""}
# A name of 253 characters, as long as DNS has them, with a port.
LONGEST_REMEMBERED, MOST_REMEMBERED = 259, 100
# A name or an address, and perhaps a port (RFC 3986, section 3.2).
_HOST = re.compile(rb"(\[[0-9A-Za-z:.%_~-]+\]|[0-9A-Za-z._~!$&'()*+,;=%-]*)(:[0-9]{0,5})?")
_BODY_METHODS = {"POST", "PUT", "PATCH", "DELETE"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
OTHER_SITES = {b"cross-site", b"same-site"}
# A check raises the problem that it finds; it gets the headers by name too.
Check = Callable[[Scope, Mapping[bytes, bytes]], None]


class HostCheck:
    """Raises BadHost unless the Host header names loopback, the host bound to, or an allowed host.

    `*` allows every name, `.example.org` a domain with all below it. Bound to all addresses, any literal address is
    allowed: a page can't make a browser send one in its name's place.
    """

    def __init__(self, settings: Settings) -> None:
        names = {name.lower() for name in settings.allowed_hosts}
        self.any_name = "*" in names
        self.any_address = settings.host in EVERYWHERE
        self.names = LOOPBACK | {settings.host.lower()} | names
        self.domains = tuple(name for name in names if name.startswith("."))
        self._known: set[bytes] = set()

    def __call__(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        if headers.get(b"host") in self._known and len(headers) == len(scope["headers"]):
            return
        given = [value for name, value in scope["headers"] if name == b"host"]
        if given and not _HOST.fullmatch(given[0].strip()):
            raise BadHost(f"The Host {shorten(given[0].decode('latin-1'))!r} is not valid; send a name and a port.")
        if len(given) != 1 or not self.allows(host_of(given[0])):
            named = shorten(given[0].decode("latin-1")) if given else "missing"
            raise BadHost(f"The Host {named!r} is not allowed; add it to FEEDFORWARD_ALLOWED_HOSTS.")
        if len(given[0]) <= LONGEST_REMEMBERED and len(self._known) < MOST_REMEMBERED:
            self._known.add(given[0])

    def allows(self, host: str) -> bool:
        if self.any_name or host in self.names or f".{host}".endswith(self.domains or ("/",)):
            return True
        return self.any_address and is_address(host)


def host_of(value: bytes) -> str:
    """The host of a Host header or an authority: without its port, brackets and case."""
    text = value.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text[1:].split("]")[0]
    return text.rsplit(":", 1)[0] if text.count(":") == 1 else text


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def check_content_type(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    """Raises UnsupportedType unless a body is declared as JSON in UTF-8, or as a form where the address accepts one."""
    path: str = scope["path"]
    if path == "/predict" or scope["method"] not in _BODY_METHODS:
        return
    body = body_at(path)
    if body.is_checked_by_endpoint:
        return
    if b"transfer-encoding" not in headers and headers.get(b"content-length", b"0") == b"0":
        return
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    kind, _, parameters = content_type.lower().partition(";")
    if kind.strip() == FORM and FORM in body.media_types:
        return
    if kind.strip() != JSON or not _is_utf8(parameters):
        instead = f"not {shorten(content_type)!r}" if content_type else "which is missing"
        raise UnsupportedType(f"Send the header `Content-Type: {JSON}`, {instead}.", headers={"Accept": JSON})


def _is_utf8(parameters: str) -> bool:
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters)
    return charset is None or charset.group(1) in {"utf-8", "utf8"}


def check_origin(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    """Raises CrossSite for a request that may change something and comes from a page of another site.

    Browsers always send the origin of such a request; other clients send none.
    """
    if scope["method"] in SAFE_METHODS:
        return
    if b"sec-fetch-site" in headers and headers[b"sec-fetch-site"].strip().lower() in OTHER_SITES:
        raise CrossSite("Sec-Fetch-Site names another site. Send the request from this server's own pages.")
    if b"origin" in headers and not is_own_origin(headers[b"origin"], headers.get(b"host", b"")):
        origin = shorten(headers[b"origin"].decode("latin-1"))
        raise CrossSite(f"The page at {origin} is not from this server. Use its own pages, or no browser.")


def is_own_origin(origin: bytes, host: bytes) -> bool:
    """Whether the origin's authority is the Host that the request was sent to, which was checked before."""
    scheme, _, authority = origin.strip().lower().partition(b"://")
    return scheme in {b"http", b"https"} and authority == host.strip().lower()


class RequestChecks:
    def __init__(self, app: ASGIApp, checks: Sequence[Check]) -> None:
        self.app = app
        self.checks = checks

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            headers = scope["state"]["headers"]
            for check in self.checks:
                check(scope, headers)
        return self.app(scope, receive, send)
