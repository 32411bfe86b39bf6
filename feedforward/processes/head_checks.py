"""What the parser accepts in a request's head although a server must not, and rejects in trailers (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import httptools

from service.problems import BadRequest

Header = tuple[bytes, bytes]

# A proxy in front of this server may heed another line of them than this server does.
SINGLE_HEADERS = (
    b"host", b"origin", b"sec-fetch-site", b"authorization", b"content-type", b"content-length", b"transfer-encoding",
)  # fmt: skip
# Empty lines before it are ignored (RFC 9112, section 2.2).
_REQUEST_LINE = re.compile(rb"[\r\n]*[A-Z-]+ [^ ]+ HTTP/1\.[01]\r\n")
_AUTHORITY = re.compile(rb"[a-z]+://([^/?#]*)", re.IGNORECASE)


def check_protocol(head: bytes | bytearray) -> None:
    """Raises BadRequest unless a head begins with `METHOD target HTTP/1.1`. The parser takes RTSP and ICE for HTTP."""
    if _REQUEST_LINE.match(head) is None:
        raise BadRequest("The request's protocol is not supported; use HTTP/1.1, with single spaces around the target.")


def check_single_headers(headers: Sequence[Header]) -> None:
    names = [name for name, _ in headers]
    if len(set(names)) == len(names):
        return
    for name in SINGLE_HEADERS:
        if names.count(name) > 1:
            raise BadRequest(f"The header {name.decode().title()} is repeated; send it once.")


def check_transfer_encoding(headers: Iterable[Header]) -> None:
    """Raises BadRequest for a coding inside the chunks, which nothing here would decode."""
    for name, value in headers:
        if name == b"transfer-encoding" and value.strip().lower() != b"chunked":
            raise BadRequest("The Transfer-Encoding is not supported; send `chunked`, or a Content-Length instead.")


def heed_target_authority(target: bytes, headers: list[Header]) -> None:
    """Have the target's authority, if it has one, replace the value of Host (RFC 9112, section 3.2.2)."""
    authority = _AUTHORITY.match(target)
    if authority is None:
        return
    if httptools.parse_url(target).userinfo is not None:
        raise BadRequest("The request's address contains a user name; send it without.")
    headers[:] = [(name, authority[1] if name == b"host" else value) for name, value in headers]


def expect_head(parser: httptools.HttpRequestParser) -> None:
    """Be strict about the length of the body, which nobody may read in two ways."""
    parser.set_dangerous_leniencies(
        lenient_data_after_close=True,  # as uvicorn sets it: an answer is sent before what follows is refused
        lenient_chunked_length=False,
        lenient_transfer_encoding=False,
    )


def expect_trailers(parser: httptools.HttpRequestParser) -> None:
    """Let Content-Length and Transfer-Encoding stand among trailers: there they say nothing about any body."""
    parser.set_dangerous_leniencies(lenient_chunked_length=True, lenient_transfer_encoding=True)
