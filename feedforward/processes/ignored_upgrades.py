"""Parses what follows a head that asks for another protocol, as if it had not asked (RFC 9110, section 7.8).

The parser stops at such a head and takes the body for something else, or for a request of its own. Another parser is
given a head that says the same of the body, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import httptools

from feedforward.processes.head_checks import expect_head

BODY_HEADERS = {b"content-length", b"transfer-encoding"}

Header = tuple[bytes, bytes]


class ParserEvents(Protocol):
    """What httptools calls."""

    def on_message_begin(self) -> None: ...
    def on_url(self, url: bytes) -> None: ...
    def on_header(self, name: bytes, value: bytes) -> None: ...
    def on_headers_complete(self) -> None: ...
    def on_body(self, body: bytes) -> None: ...
    def on_message_complete(self) -> None: ...


class EventsBehindHead:
    """Passes on what a parser tells, but nothing of the first head, which the listener knows."""

    def __init__(self, events: ParserEvents) -> None:
        self.parser = new_parser(self)
        self._events = events
        self._is_in_known_head = False

    def parse_known_head(self, head: bytes) -> None:
        self._is_in_known_head = True
        self.parser.feed_data(head)
        self._is_in_known_head = False

    def on_message_begin(self) -> None:
        if not self._is_in_known_head:
            self._events.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._is_in_known_head:
            self._events.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_in_known_head:
            self._events.on_header(name, value)

    def on_headers_complete(self) -> None:
        if not self._is_in_known_head:
            self._events.on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._events.on_body(body)

    def on_message_complete(self) -> None:
        self._events.on_message_complete()


def new_parser(events: ParserEvents) -> httptools.HttpRequestParser:
    """Set as uvicorn sets its own."""
    parser = httptools.HttpRequestParser(events)
    expect_head(parser)
    return parser


def head_without_upgrade(http_version: str, headers: Iterable[Header]) -> bytes:
    """A head that tells of the body and of the connection what the headers tell, and nothing else."""
    lines = [b"POST / HTTP/%s" % http_version.encode()]
    for name, value in headers:
        if name in BODY_HEADERS:
            lines.append(b"%s: %s" % (name, value))
        elif name == b"connection":
            options = [option.strip() for option in value.lower().split(b",")]
            lines += [b"connection: %s" % option for option in options if option in {b"close", b"keep-alive"}]
    return b"\r\n".join([*lines, b"", b""])
