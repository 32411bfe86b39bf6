"""Names that this server answers to. A page that rebinds its own name to 127.0.0.1 must not get in."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from starlette.types import Scope

from service.problems import BadHost, shorten
from service.settings import Settings

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
EVERYWHERE = {"0.0.0.0", "::", ""}
# A name of 253 characters, as long as DNS has them, with a port.
LONGEST_REMEMBERED, MOST_REMEMBERED = 259, 100


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
        if len(given) != 1 or not self.allows(host_of(given[0])):
            named = shorten(given[0].decode("latin-1")) if given else "missing"
            raise BadHost(f"The Host {named!r} is none of this server's names; see FEEDFORWARD_ALLOWED_HOSTS.")
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
