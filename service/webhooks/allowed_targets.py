"""Where webhooks may be sent: the addresses that are allowed, looked up and checked at each attempt.

An attempt connects to the address that was checked, so a name that resolves to another address then gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from service.webhooks.public_addresses import is_address, is_public

PORTS = {"https": 443, "http": 80}
ANY_PORT = "*"


class Refused(Exception):
    """The target is not allowed; the text explains why to the webhook's owner."""


@dataclass(frozen=True)
class Target:
    """A URL that is allowed. Only a host that the operator has named may have a private address."""

    url: httpx.URL
    host: str
    port: int
    may_be_private: bool

    async def resolve(self) -> list[str]:
        """The addresses to connect to. Raises Refused, and OSError for a name that can't be looked up."""
        entries = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        if not self.may_be_private and not all(map(is_public, addresses)):
            raise Refused("the host's address is not public; an operator can name it in FEEDFORWARD_WEBHOOK_HOSTS")
        return addresses


class AllowedHosts:
    """The entries of FEEDFORWARD_WEBHOOK_HOSTS: `name`, `*.domain` or `*`, each optionally with `:port` or `:*`."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._entries = [_split(entry.strip().lower()) for entry in entries]

    def find_target(self, url: str) -> Target:
        """The target of a URL. Raises Refused if it is not allowed."""
        parsed = _parse(url)
        host = parsed.raw_host.decode().lower()
        port = parsed.port or PORTS[parsed.scheme]
        names = [name for name, allowed in self._entries if _matches(host, name) and _port_matches(parsed, allowed)]
        if not names:
            raise Refused("this host and port are not allowed here; see FEEDFORWARD_WEBHOOK_HOSTS")
        is_named = host in names
        if parsed.scheme != "https" and not is_named:
            raise Refused("events are sent by https only, except to hosts that FEEDFORWARD_WEBHOOK_HOSTS names")
        if not is_named and is_address(host) and not is_public(host):
            raise Refused("the address is not public; an operator can name it in FEEDFORWARD_WEBHOOK_HOSTS")
        return Target(parsed, host, port, is_named)


def _parse(url: str) -> httpx.URL:
    if not url.isprintable() or " " in url or "\\" in url:
        raise Refused("a URL has no spaces, backslashes or control characters")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise Refused("this is not a URL") from None
    if parsed.scheme not in PORTS or not parsed.raw_host:
        raise Refused("give a whole URL that begins with https://")
    if parsed.userinfo or parsed.fragment:
        raise Refused("leave out user names, passwords and fragments; the signature says who sent it")
    return parsed


def _split(entry: str) -> tuple[str, str]:
    """The name and the port of an entry; an IPv6 address with a port is written in brackets."""
    if is_address(entry):
        return entry, ""
    name, _, port = entry.rpartition(":") if ":" in entry.rpartition("]")[2] else (entry, "", "")
    return name.strip("[]"), port


def _matches(host: str, name: str) -> bool:
    return name in ("*", host) or (name.startswith("*.") and host.endswith(name[1:]))


def _port_matches(url: httpx.URL, allowed: str) -> bool:
    port = url.port or PORTS[url.scheme]
    return allowed == ANY_PORT or str(port) == (allowed or str(PORTS[url.scheme]))
